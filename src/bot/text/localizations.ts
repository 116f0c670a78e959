import { Locale } from 'discord.js';
import { hasText, LANGUAGES, languageOf, translateFor } from './i18n.js';

/** Discord's locales that have the texts of a language: es-ES and es-419 for `es`. */
export function localesOf(language: string): Locale[] {
  return Object.values(Locale).filter((locale) => languageOf(locale) === language);
}

/** A text in every other language that has it, for registering commands. */
export function localizations(key: string, values: Record<string, string> = {}): Record<string, string> {
  const others = LANGUAGES.filter((language) => language !== 'en' && hasText(language, key));
  const entries = others.flatMap((language) => {
    const text = translateFor(language)(key, values);
    return localesOf(language).map((locale) => [locale, text] as const);
  });
  return Object.fromEntries(entries);
}
