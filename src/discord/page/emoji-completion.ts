import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { EmojiSearch } from './emoji-search.js';
import { Highlight } from './highlight.js';
import { emojiUrl } from './names.js';
import { typedEmoji } from './outgoing.js';
import type { Store } from './store.js';
import { spoken } from './words.js';

/** An emoji that matches the text after a colon. */
export interface FittingEmoji {
  name: string;
  /** What is inserted into the text. */
  text: string;
  /** The picture's address, for the server's own emojis; the others are text. */
  url?: string;
}

type Field = HTMLTextAreaElement | HTMLInputElement;

/** Most emojis in the list, as in Discord's client. */
const SHOWN = 10;
/** A colon that follows neither a word nor another colon, and at least two letters of a name. */
const BEGUN = /(?<![\p{L}\p{N}:]):([\p{L}\p{N}_+-]{2,32})$/u;
const CLOSED = /(?<![\p{L}\p{N}:]):([\p{L}\p{N}_+-]{2,32}):$/u;

/** Completes `:name` to an emoji in a field: the server's own first, then Unicode's. */
export class EmojiCompletion implements ReactiveController {
  #found: readonly FittingEmoji[] = [];
  /** The text after the colon, and the colon's position. */
  typed = '';
  #colon = -1;
  /** Position of the colon for which the list was closed. */
  #closed = -1;
  #search: Promise<EmojiSearch> | null = null;
  #language = '';
  /** Resolves when the emoji of a name closed with a colon has been looked up. */
  settled: Promise<void> = Promise.resolve();
  readonly #highlight = new Highlight<FittingEmoji>(({ text }) => text);

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly store: Store,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#reset();
  }

  /** The matches, while the name they were found for is in the text. */
  foundIn(text: string): readonly FittingEmoji[] {
    const open = this.#colon >= 0 && this.#colon !== this.#closed;
    return open && text.startsWith(`:${this.typed}`, this.#colon) ? this.#found : [];
  }

  /** Index of the emoji that Enter takes: the first unless another is highlighted. */
  get active(): number {
    return Math.max(this.#highlight.placeIn(this.#found), 0);
  }

  /** Looks for a name before the caret, after each key that changed the text. */
  look(field: Field): void {
    const caret = field.selectionStart ?? field.value.length;
    const before = field.value.slice(0, caret);
    const closed = CLOSED.exec(before);
    if (closed) this.settled = this.#replace(field, closed[0], closed.index);
    const begun = BEGUN.exec(before);
    if (!begun) {
      this.#reset();
      return;
    }
    if (begun.index !== this.#colon) this.#closed = -1;
    this.#colon = begun.index;
    this.typed = begun[1]!;
    this.#highlight.clear();
    this.#found = this.#own(this.typed);
    void this.#findMore(this.typed);
  }

  move(step: 1 | -1): void {
    this.#highlight.move(this.#found, step, 0);
    this.host.requestUpdate();
  }

  /** Replaces the name being typed by an emoji. @param text the emoji's. */
  take(field: Field, text: string): void {
    const end = this.#colon + 1 + this.typed.length;
    const blank = /^\s/.test(field.value.slice(end)) ? '' : ' ';
    write(field, text.trimEnd() + blank, this.#colon, end);
    this.#reset();
  }

  /** Until another colon is typed. */
  close(): void {
    this.#closed = this.#colon;
    this.host.requestUpdate();
  }

  #reset(): void {
    this.#found = [];
    this.#colon = -1;
    this.#closed = -1;
    this.host.requestUpdate();
  }

  #own(typed: string): FittingEmoji[] {
    const wanted = typed.toLowerCase();
    const place = ({ name }: { name: string }) => name.toLowerCase().indexOf(wanted);
    return (this.store.guild?.emojis ?? [])
      .filter((emoji) => place(emoji) >= 0)
      .sort((one, other) => Math.min(place(one), 1) - Math.min(place(other), 1))
      .map(({ name, id }) => ({ name, text: typedEmoji(`${name}:${id}`, this.store), url: emojiUrl(id) }));
  }

  async #findMore(typed: string): Promise<void> {
    const found = await this.#unicode()
      .then((search) => search.find(typed))
      .catch(() => []);
    if (typed !== this.typed || this.#colon < 0) return;
    const others = found.map(({ character, name }) => ({ name, text: character }));
    this.#found = [...this.#own(typed), ...others].slice(0, SHOWN);
    this.host.requestUpdate();
  }

  /** A closing colon replaces the name by its emoji. The server's own are left: they are sent by name. */
  async #replace(field: Field, typed: string, place: number): Promise<void> {
    const name = typed.slice(1, -1);
    if (this.store.guild?.emojis.some((emoji) => emoji.name === name)) return;
    const emoji = await this.#unicode()
      .then((search) => search.named(name))
      .catch(() => undefined);
    const end = place + typed.length;
    // More may have been typed after it meanwhile, but not within it.
    if (!emoji || field.value.slice(place, end) !== typed) return;
    write(field, emoji.character, place, end);
  }

  /** Loaded when first needed, and again for another language. */
  #unicode(): Promise<EmojiSearch> {
    if (!this.#search || this.#language !== spoken()) {
      this.#language = spoken();
      this.#search = import('./emoji-search.js').then(({ EmojiSearch }) => new EmojiSearch(this.#language));
      // Retried the next time.
      this.#search.catch(() => {
        this.#search = null;
      });
    }
    return this.#search;
  }
}

/** Writes into a field as typing would: the caret stays after the same character. */
function write(field: Field, text: string, start: number, end: number): void {
  field.setRangeText(text, start, end, field.selectionStart === end ? 'end' : 'preserve');
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
}
