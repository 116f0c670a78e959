import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import i18next, { type TFunction } from 'i18next';
import { packageRoot } from '../../engine/package-root.js';

const folder = join(packageRoot, 'src/bot/text/locales');

/** One catalogue per language, by the name of Discord's locale or its first part. */
const resources = Object.fromEntries(
  readdirSync(folder)
    .sort()
    .map((file) => [file.replace('.json', ''), { translation: JSON.parse(readFileSync(join(folder, file), 'utf8')) }]),
);

/** The languages with a catalogue. */
export const LANGUAGES = Object.keys(resources);

const instance = i18next.createInstance();
void instance.init({ resources, fallbackLng: 'en', initAsync: false, interpolation: { escapeValue: false } });

/** Translates for a Discord locale such as `de` or `en-GB`; into English if there is no catalogue. */
export type Translate = TFunction;

export function translateFor(locale: string): Translate {
  const language = LANGUAGES.includes(locale) ? locale : locale.split('-')[0]!;
  return instance.getFixedT(LANGUAGES.includes(language) ? language : 'en');
}

/** Discord's locales of a language (documentation, "Locales"). */
const DISCORD_LOCALES: Record<string, string[]> = { en: ['en-GB'], es: ['es-ES', 'es-419'] };

/** A language in its own name: `Deutsch`. */
export function languageName(language: string): string {
  const name = new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

/** A text in every other language that has it, for registering commands. */
export function localizations(key: string, values: Record<string, string> = {}): Record<string, string> {
  const others = LANGUAGES.filter((lng) => lng !== 'en' && instance.exists(key, { lng, fallbackLng: [] }));
  const entries = others.flatMap((language) => {
    const text = instance.getFixedT(language)(key, values);
    return (DISCORD_LOCALES[language] ?? [language]).map((locale) => [locale, text] as const);
  });
  return Object.fromEntries(entries);
}
