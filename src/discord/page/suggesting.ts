import type { ReactiveControllerHost } from 'lit';
import { Autocomplete } from './autocomplete.js';
import type { CommandDraft } from './command-draft.js';
import type { OptionSpec } from './command-options.js';
import { EmojiCompletion } from './emoji-completion.js';
import { onlyFitting, type Suggestion, suggestionsFor, unsettled } from './form-suggestions.js';
import { Highlight } from './highlight.js';
import { takesEmojis } from './option-values.js';
import type { Store } from './store.js';

/** The list of suggestions as the caret moves through a command's form, and the highlighted one. */
export class Suggesting {
  /** The option with the caret; undefined behind the last one. */
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

  /** The caret has entered an option, or the field behind the last one, which suggests others. */
  enter(spec?: OptionSpec): void {
    this.spec = spec;
    this.#highlight.clear();
    this.#autocomplete.forget();
    if (spec?.autocomplete) this.#ask(spec);
    this.host.requestUpdate();
  }

  /** Something was typed or taken: clears the highlight. */
  anew(): void {
    this.#highlight.clear();
  }

  /** Updates the suggestions for an option's text, after each key that changed it. */
  look(spec: OptionSpec, field: HTMLInputElement | HTMLTextAreaElement): void {
    if (spec.autocomplete) this.#ask(spec);
    else if (takesEmojis(spec)) this.emojis.look(field);
  }

  /** Asks the option's app for suggestions. */
  #ask({ name }: OptionSpec): void {
    this.#autocomplete.ask(this.draft().entry, () => this.draft().typed, name);
  }

  /** Something was taken: the app's suggestions were for the earlier text. */
  forget(): void {
    this.#autocomplete.forget();
  }

  /** The emojis matching a name being typed; otherwise empty. */
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

  /** The index of the highlighted suggestion; for emojis the first by default, otherwise -1. */
  get active(): number {
    const { list } = this;
    return Math.max(this.#highlight.placeIn(list), list[0]?.kind === 'emoji' ? 0 : -1);
  }

  /** The suggestion that Enter and Tab take: the highlighted one, or the only match. */
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

  /** Nothing matches the text, and no answer is pending. */
  get nothing(): boolean {
    const { spec } = this;
    return spec !== undefined && !this.#autocomplete.asking && this.list.length === 0 && unsettled(this.draft(), spec);
  }

  /** Highlights the next or previous suggestion, wrapping around. */
  move(step: 1 | -1): void {
    this.#highlight.move(this.list, step, this.active);
    this.host.requestUpdate();
  }
}
