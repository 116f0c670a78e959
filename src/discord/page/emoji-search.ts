import Database from 'emoji-picker-element/database.js';
import type { Emoji, NativeEmoji } from 'emoji-picker-element/shared';
import { emojiWords } from './emoji-words.js';

/** One of Unicode's emojis with the name that is shown for it. */
export interface UnicodeEmoji {
  character: string;
  name: string;
}

/**
 * Unicode's emojis by the words of a language, and by the English names that Discord's client knows in every language:
 * emoji-picker-element's database. Large, so it is loaded when an emoji is first looked for.
 */
export class EmojiSearch {
  readonly #databases: readonly Database[];

  constructor(locale: string) {
    const known = new Map([locale, 'en'].map((one) => [emojiWords(one).language, emojiWords(one).data]));
    this.#databases = [...known].map(([locale, dataSource]) => new Database({ locale, dataSource }));
  }

  /** What fits the beginning of a word; names that begin with it first. */
  async find(typed: string): Promise<UnicodeEmoji[]> {
    const found = await Promise.all(this.#databases.map((database) => database.getEmojiBySearchQuery(typed)));
    const tone = await this.#databases[0]!.getPreferredSkinTone();
    const emojis = new Map<string, NativeEmoji>();
    // The language's own come first, and keep their name.
    for (const emoji of found.flat().filter(isNative)) if (!emojis.has(emoji.unicode)) emojis.set(emoji.unicode, emoji);
    const name = written(typed);
    return [...emojis.values()]
      .map((emoji) => ({ emoji, name: nameFor(emoji, name) }))
      .sort((one, other) => rankOf(one.name, name) - rankOf(other.name, name))
      .map(({ emoji, name }) => ({
        character: emoji.skins?.find((skin) => skin.tone === tone)?.unicode ?? emoji.unicode,
        name,
      }));
  }

  /** The emoji that has exactly this name; undefined if none has. */
  async named(name: string): Promise<UnicodeEmoji | undefined> {
    return (await this.find(name)).find((emoji) => emoji.name === written(name));
  }
}

function isNative(emoji: Emoji): emoji is NativeEmoji {
  return 'unicode' in emoji;
}

/** Its short names, and what it is called in the language, written as a name. */
function namesOf({ shortcodes = [], annotation }: NativeEmoji): string[] {
  return [...shortcodes, written(annotation)];
}

/** The name that fits what was typed best: `:thumbs` is thumbsup, `:yes` as well. */
function nameFor(emoji: NativeEmoji, typed: string): string {
  const names = namesOf(emoji);
  return names.find((name) => name === typed) ?? names.find((name) => name.startsWith(typed)) ?? names[0]!;
}

/** Short names that begin so, then longer ones, then those that only have to do with it. */
function rankOf(name: string, typed: string): number {
  return name.startsWith(typed) ? name.length : Number.MAX_SAFE_INTEGER;
}

function written(name: string): string {
  return name.toLowerCase().replace(/\s+/g, '_');
}
