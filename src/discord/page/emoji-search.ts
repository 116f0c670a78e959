import Database from 'emoji-picker-element/database.js';
import type { Emoji, NativeEmoji } from 'emoji-picker-element/shared';
import { isDrawn } from './drawn.js';
import { emojiWords } from './emoji-words.js';

/** A Unicode emoji with its displayed name. */
export interface UnicodeEmoji {
  character: string;
  name: string;
}

/**
 * Searches Unicode's emojis by the words of a language, and by the English names that Discord's client knows in every
 * language, in emoji-picker-element's database. Large, so it is only loaded for the first search.
 */
export class EmojiSearch {
  readonly #databases: readonly Database[];

  constructor(locale: string) {
    const known = new Map([locale, 'en'].map((one) => [emojiWords(one).language, emojiWords(one).data]));
    this.#databases = [...known].map(([locale, dataSource]) => new Database({ locale, dataSource }));
  }

  /** Emojis with a word that starts with the text, if they can be drawn here; those whose name does come first. */
  async find(typed: string): Promise<UnicodeEmoji[]> {
    const found = await Promise.all(this.#databases.map((database) => database.getEmojiBySearchQuery(typed)));
    const tone = await this.#databases[0]!.getPreferredSkinTone();
    const emojis = new Map<string, NativeEmoji>();
    // The language's own come first and keep their name.
    for (const emoji of found.flat().filter(isNative)) if (!emojis.has(emoji.unicode)) emojis.set(emoji.unicode, emoji);
    const name = written(typed);
    return [...emojis.values()]
      .map((emoji) => ({ emoji, name: nameFor(emoji, name) }))
      .sort((one, other) => rankOf(one.name, name) - rankOf(other.name, name))
      .map(({ emoji, name }) => ({
        character: emoji.skins?.find((skin) => skin.tone === tone)?.unicode ?? emoji.unicode,
        name,
      }))
      .filter(({ character }) => isDrawn(character));
  }

  /** The emoji that has exactly this name; undefined if none has. */
  async named(name: string): Promise<UnicodeEmoji | undefined> {
    return (await this.find(name)).find((emoji) => emoji.name === written(name));
  }
}

function isNative(emoji: Emoji): emoji is NativeEmoji {
  return 'unicode' in emoji;
}

/** Its short names, and its name in the language in the form of a short name. */
function namesOf({ shortcodes = [], annotation }: NativeEmoji): string[] {
  return [...shortcodes, written(annotation)];
}

/** The name that fits the text best: `:thumbs` shows thumbsup, and so does `:yes`. */
function nameFor(emoji: NativeEmoji, typed: string): string {
  const names = namesOf(emoji);
  return names.find((name) => name === typed) ?? names.find((name) => name.startsWith(typed)) ?? names[0]!;
}

/** First short names that start with the text, then longer ones, then emojis that are only related. */
function rankOf(name: string, typed: string): number {
  return name.startsWith(typed) ? name.length : Number.MAX_SAFE_INTEGER;
}

function written(name: string): string {
  return name.toLowerCase().replace(/\s+/g, '_');
}
