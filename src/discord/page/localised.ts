import { Locale } from 'discord-api-types/v10';
import { catalogueOf } from './words.js';

const known = Object.values(Locale).filter(catalogueOf);

/** The page's languages, by Discord's codes, in their own names; with the country, where there are several of one. */
export const LANGUAGES: readonly (readonly [locale: string, name: string])[] = known.sort().map((locale) => {
  const language = locale.split('-')[0]!;
  const isOnly = known.filter((other) => other.startsWith(`${language}-`)).length < 2;
  return [locale, nameOf(isOnly ? language : locale)];
});

function nameOf(locale: string): string {
  const name = new Intl.DisplayNames([locale], { type: 'language', languageDisplay: 'standard' }).of(locale)!;
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
}

/** The locale used if one is missing (documentation, "Locale fallbacks"). */
const FALLBACKS: Readonly<Record<string, string>> = { 'en-US': 'en-GB', 'en-GB': 'en-US', 'es-419': 'es-ES' };

export type Localizations = Partial<Record<string, string | null>> | null;

/** A command's text as Discord's client shows it in this locale. */
export function localised(text: string, localizations: Localizations | undefined, locale: string): string {
  return localizations?.[locale] ?? localizations?.[FALLBACKS[locale] ?? ''] ?? text;
}
