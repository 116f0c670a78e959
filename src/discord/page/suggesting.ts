import type { ReactiveControllerHost } from 'lit';
import { Autocomplete } from './autocomplete.js';
import type { CommandDraft } from './command-draft.js';
import type { OptionSpec } from './command-options.js';
import { onlyFitting, type Suggestion, suggestionsFor, unsettled } from './form-suggestions.js';
import type { Store } from './store.js';

/** The list of suggestions as the caret goes through a command's form, and which of them is marked. */
export class Suggesting {
  /** The option that the caret is in; undefined behind them all. */
  spec: OptionSpec | undefined;
  /** Place of the marked suggestion; -1 while none is. */
  active = -1;
  readonly #autocomplete: Autocomplete;

  constructor(
    host: ReactiveControllerHost,
    private readonly store: Store,
    private readonly draft: () => CommandDraft,
  ) {
    this.#autocomplete = new Autocomplete(host, store);
  }

  /** The caret has come into an option, or behind them all, where others to add are offered. */
  enter(spec?: OptionSpec): void {
    this.spec = spec;
    this.active = -1;
    this.#autocomplete.forget();
    if (spec) this.ask(spec);
  }

  /** Asks the option's app, if it suggests something, for what stands there now. */
  ask({ name, autocomplete }: OptionSpec): void {
    if (autocomplete) this.#autocomplete.ask(this.draft().entry, () => this.draft().typed, name);
  }

  /** Something was taken: what the app suggested was for the text before it. */
  forget(): void {
    this.#autocomplete.forget();
  }

  get list(): Suggestion[] {
    return suggestionsFor(this.draft(), this.spec, this.#autocomplete.values, this.store);
  }

  /** The suggestion that Enter and Tab take: the marked one, or the only one that fits what was typed. */
  get wanted(): Suggestion | undefined {
    const { list } = this;
    return list[this.active] ?? onlyFitting(this.draft(), this.spec, list);
  }

  /** Nothing fits what was typed, and no answer is on the way. */
  get nothing(): boolean {
    const { spec } = this;
    return spec !== undefined && !this.#autocomplete.asking && this.list.length === 0 && unsettled(this.draft(), spec);
  }

  /** Marks the next or the previous suggestion, around the ends. */
  move(step: 1 | -1): void {
    const count = this.list.length;
    const from = this.active < 0 && step < 0 ? 0 : this.active;
    this.active = (from + step + count) % Math.max(count, 1);
  }
}
