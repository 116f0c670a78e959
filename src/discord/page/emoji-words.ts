import type { I18n } from 'emoji-picker-element/shared';
import de from 'emoji-picker-element-data/de/cldr/data.json?url';
import en from 'emoji-picker-element-data/en/joypixels/data.json?url';
import es from 'emoji-picker-element-data/es/cldr/data.json?url';
import fr from 'emoji-picker-element-data/fr/cldr/data.json?url';
import ja from 'emoji-picker-element-data/ja/cldr/data.json?url';
import { japanese } from './emoji-words-ja.js';

/**
 * Unicode CLDR's emoji words in a language, and the picker's own texts. English has the short names of Discord's
 * client, which are JoyPixels'.
 */
interface EmojiWords {
  /** The address of the emoji data. */
  data: string;
  texts: () => Promise<I18n>;
}

const LANGUAGES: Readonly<Record<string, EmojiWords>> = {
  de: { data: de, texts: async () => (await import('emoji-picker-element/i18n/de.js')).default },
  en: { data: en, texts: async () => (await import('emoji-picker-element/i18n/en.js')).default },
  es: { data: es, texts: async () => (await import('emoji-picker-element/i18n/es.js')).default },
  fr: { data: fr, texts: async () => (await import('emoji-picker-element/i18n/fr.js')).default },
  ja: { data: ja, texts: async () => japanese },
};

/** @param locale one of the page's, such as `es-ES`. */
export function emojiWords(locale: string): EmojiWords & { language: string } {
  const language = locale.split('-')[0]!;
  return { language, ...(LANGUAGES[language] ?? LANGUAGES.en!) };
}
