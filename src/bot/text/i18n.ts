import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import i18next, { type TFunction } from 'i18next';
import { packageRoot } from '../../package-root.js';

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
  return instance.getFixedT(languageOf(locale) ?? 'en');
}

/** The catalogue for a Discord locale: its own, or that of its language. */
export function languageOf(locale: string): string | undefined {
  return [locale, locale.split('-')[0]!].find((name) => LANGUAGES.includes(name));
}

/** English's texts that a language lacks, in its own plural forms. Its readers see them in English. */
export function missingTexts(language: string): string[] {
  const own = new Set(keysIn(language));
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const needed = keysIn('en').flatMap((key) =>
    PLURAL.test(key) ? forms.map((form) => key.replace(PLURAL, `_${form}`)) : [key],
  );
  return [...new Set(needed)].filter((key) => !own.has(key));
}

/** Not by falling back. */
export function hasText(language: string, key: string): boolean {
  return instance.exists(key, { lng: language, fallbackLng: [] });
}

/** Of i18next's keys for texts that count. */
const PLURAL = /_(zero|one|two|few|many|other)$/;

function keysIn(language: string): string[] {
  const flat = (value: object, path: string): string[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === 'string' ? [path + key] : flat(inner, `${path}${key}.`),
    );
  return flat(resources[language]!.translation, '');
}

/** A language in its own name: `Deutsch`. */
export function languageName(language: string): string {
  const name = new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
