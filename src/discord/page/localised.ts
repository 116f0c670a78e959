/** The page's languages, by Discord's codes, in their own names (documentation, "Locales"). */
export const LANGUAGES: readonly (readonly [locale: string, name: string])[] = [
  ['de', 'Deutsch'],
  ['en-GB', 'English, UK'],
  ['en-US', 'English, US'],
  ['es-ES', 'Español'],
  ['fr', 'Français'],
  ['ja', '日本語'],
];

/** The locale used if one is missing (documentation, "Locale fallbacks"). */
const FALLBACKS: Readonly<Record<string, string>> = { 'en-US': 'en-GB', 'en-GB': 'en-US', 'es-419': 'es-ES' };

export type Localizations = Partial<Record<string, string | null>> | null;

/** A command's text as Discord's client shows it in this locale. */
export function localised(text: string, localizations: Localizations | undefined, locale: string): string {
  return localizations?.[locale] ?? localizations?.[FALLBACKS[locale] ?? ''] ?? text;
}
