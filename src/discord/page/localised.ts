/** Languages that the page offers, by Discord's codes and in its own names for them (documentation, "Locales"). */
export const LANGUAGES: readonly (readonly [locale: string, name: string])[] = [
  ['de', 'Deutsch'],
  ['en-GB', 'English, UK'],
  ['en-US', 'English, US'],
  ['es-ES', 'Español'],
  ['fr', 'Français'],
  ['ja', '日本語'],
];

/** What stands in where a locale is missing (documentation, "Locale fallbacks"). */
const FALLBACKS: Readonly<Record<string, string>> = { 'en-US': 'en-GB', 'en-GB': 'en-US', 'es-419': 'es-ES' };

export type Localizations = Partial<Record<string, string | null>> | null;

/** A command's text as Discord's client shows it to somebody of this locale. */
export function localised(text: string, localizations: Localizations | undefined, locale: string): string {
  return localizations?.[locale] ?? localizations?.[FALLBACKS[locale] ?? ''] ?? text;
}
