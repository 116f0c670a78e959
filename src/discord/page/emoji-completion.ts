import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { EmojiSearch } from './emoji-search.js';
import { Highlight } from './highlight.js';
import { emojiUrl } from './names.js';
import { typedEmoji } from './outgoing.js';
import type { Store } from './store.js';
import { spoken } from './words.js';

/** An emoji that fits what is typed behind a colon. */
export interface FittingEmoji {
  name: string;
  /** What stands in the text once it is taken. */
  text: string;
  /** Its picture, of the server's own; the others are their own text. */
  url?: string;
}

type Field = HTMLTextAreaElement | HTMLInputElement;

/** As many as Discord's client shows. */
const SHOWN = 10;
/** A colon that stands neither behind a word nor behind another colon, and at least two letters of a name. */
const BEGUN = /(?<![\p{L}\p{N}:]):([\p{L}\p{N}_+-]{2,32})$/u;
const CLOSED = /(?<![\p{L}\p{N}:]):([\p{L}\p{N}_+-]{2,32}):$/u;

/** Completes `:name` to an emoji in a field: the server's own first, then Unicode's. */
export class EmojiCompletion implements ReactiveController {
  #found: readonly FittingEmoji[] = [];
  /** What is typed behind the colon, and where the colon is. */
  typed = '';
  #colon = -1;
  /** The colon whose list was closed. */
  #closed = -1;
  #search: Promise<EmojiSearch> | null = null;
  #language = '';
  /** A name was closed with a colon, and its emoji is being looked up. */
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

  /** Those that fit, as long as the name that they were found for stands in the text. */
  foundIn(text: string): readonly FittingEmoji[] {
    const open = this.#colon >= 0 && this.#colon !== this.#closed;
    return open && text.startsWith(`:${this.typed}`, this.#colon) ? this.#found : [];
  }

  /** Place of the one that Enter takes: the first until another is marked. */
  get active(): number {
    return Math.max(this.#highlight.placeIn(this.#found), 0);
  }

  /** Looks at what stands before the caret, after each key that wrote something. */
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

  /** Puts an emoji where its name is being typed. @param text of it. */
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

  /** The closing colon takes the emoji of that name. The server's own stay as they are: they are sent by their name. */
  async #replace(field: Field, typed: string, place: number): Promise<void> {
    const name = typed.slice(1, -1);
    if (this.store.guild?.emojis.some((emoji) => emoji.name === name)) return;
    const emoji = await this.#unicode()
      .then((search) => search.named(name))
      .catch(() => undefined);
    const end = place + typed.length;
    // Meanwhile more may have been typed behind it, but not into it.
    if (!emoji || field.value.slice(place, end) !== typed) return;
    write(field, emoji.character, place, end);
  }

  /** Loaded when it is first needed; anew in another language. */
  #unicode(): Promise<EmojiSearch> {
    if (!this.#search || this.#language !== spoken()) {
      this.#language = spoken();
      this.#search = import('./emoji-search.js').then(({ EmojiSearch }) => new EmojiSearch(this.#language));
      // Asked for again another time.
      this.#search.catch(() => {
        this.#search = null;
      });
    }
    return this.#search;
  }
}

/** Writes into a field as typing does: the caret stays behind what it was behind. */
function write(field: Field, text: string, start: number, end: number): void {
  field.setRangeText(text, start, end, field.selectionStart === end ? 'end' : 'preserve');
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
}
