import type { ReactiveControllerHost } from 'lit';
import { Autocomplete } from './autocomplete.js';
import type { CommandDraft } from './command-draft.js';
import type { OptionSpec } from './command-options.js';
import { EmojiCompletion } from './emoji-completion.js';
import { onlyFitting, type Suggestion, suggestionsFor, unsettled } from './form-suggestions.js';
import { Highlight } from './highlight.js';
import { takesEmojis } from './option-values.js';
import type { Store } from './store.js';

/** The list of suggestions as the caret goes through a command's form, and which of them is marked. */
export class Suggesting {
  /** The option that the caret is in; undefined behind them all. */
  spec: OptionSpec | undefined;
  readonly emojis: EmojiCompletion;
  readonly #autocomplete: Autocomplete;
  readonly #highlight = new Highlight<Suggestion>(({ kind, value }) => `${kind} ${value}`);

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly store: Store,
    private readonly draft: () => CommandDraft,
  ) {
    this.#autocomplete = new Autocomplete(host, store);
    this.emojis = new EmojiCompletion(host, store);
  }

  /** The caret has come into an option, or behind them all, where others to add are offered. */
  enter(spec?: OptionSpec): void {
    this.spec = spec;
    this.#highlight.clear();
    this.#autocomplete.forget();
    if (spec?.autocomplete) this.#ask(spec);
    this.host.requestUpdate();
  }

  /** Something was typed or taken: none is marked any more. */
  anew(): void {
    this.#highlight.clear();
  }

  /** Looks for what fits the text in an option's field, after each key that wrote something. */
  look(spec: OptionSpec, field: HTMLInputElement | HTMLTextAreaElement): void {
    if (spec.autocomplete) this.#ask(spec);
    else if (takesEmojis(spec)) this.emojis.look(field);
  }

  /** Asks the option's app for what stands there now. */
  #ask({ name }: OptionSpec): void {
    this.#autocomplete.ask(this.draft().entry, () => this.draft().typed, name);
  }

  /** Something was taken: what the app suggested was for the text before it. */
  forget(): void {
    this.#autocomplete.forget();
  }

  /** Emojis while the name of one is being typed; empty otherwise. */
  get #emojiList(): Suggestion[] {
    const text = this.spec && takesEmojis(this.spec) ? this.draft().typed.get(this.spec.name) : undefined;
    if (typeof text !== 'string') return [];
    return this.emojis
      .foundIn(text)
      .map(({ name, text, url }) => ({ kind: 'emoji', value: text, label: `:${name}:`, picture: url }));
  }

  get list(): Suggestion[] {
    const emojis = this.#emojiList;
    if (emojis.length > 0) return emojis;
    return suggestionsFor(this.draft(), this.spec, this.#autocomplete.values, this.store);
  }

  /** Place of the marked suggestion, of emojis the first until another is; -1 while none is. */
  get active(): number {
    const { list } = this;
    return Math.max(this.#highlight.placeIn(list), list[0]?.kind === 'emoji' ? 0 : -1);
  }

  /** The suggestion that Enter and Tab take: the marked one, or the only one that fits what was typed. */
  get wanted(): Suggestion | undefined {
    const { list, active } = this;
    return list[active] ?? onlyFitting(this.draft(), this.spec, list);
  }

  /** Closes the list of emojis. @returns whether there was one. */
  closeEmojis(): boolean {
    if (this.#emojiList.length === 0) return false;
    this.emojis.close();
    return true;
  }

  /** Nothing fits what was typed, and no answer is on the way. */
  get nothing(): boolean {
    const { spec } = this;
    return spec !== undefined && !this.#autocomplete.asking && this.list.length === 0 && unsettled(this.draft(), spec);
  }

  /** Marks the next or the previous suggestion, around the ends. */
  move(step: 1 | -1): void {
    this.#highlight.move(this.list, step, this.active);
    this.host.requestUpdate();
  }
}
