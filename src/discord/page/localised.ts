import type { Locale } from 'discord-api-types/v10';
import { catalogueOf } from './words.js';

/** Discord's locales (documentation, "Locales"). Theirs comes with a module that is larger than the page. */
const LOCALES = Object.keys({
  id: 1,
  'en-US': 1,
  'en-GB': 1,
  bg: 1,
  'zh-CN': 1,
  'zh-TW': 1,
  hr: 1,
  cs: 1,
  da: 1,
  nl: 1,
  fi: 1,
  fr: 1,
  de: 1,
  el: 1,
  hi: 1,
  hu: 1,
  it: 1,
  ja: 1,
  ko: 1,
  lt: 1,
  no: 1,
  pl: 1,
  'pt-BR': 1,
  ro: 1,
  ru: 1,
  'es-ES': 1,
  'es-419': 1,
  'sv-SE': 1,
  th: 1,
  tr: 1,
  uk: 1,
  vi: 1,
} satisfies Record<Locale, 1>);

const known = LOCALES.filter(catalogueOf);

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
