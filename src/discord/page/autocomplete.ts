import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type Entry, type Typed, toOptions } from './command-options.js';
import { localised } from './localised.js';
import type { OptionValue } from './option-values.js';
import type { Store } from './store.js';

/** Milliseconds after the last key. */
const PAUSE = 250;

/** An app's suggestions for the option being typed. Only the answer to the last request counts. */
export class Autocomplete implements ReactiveController {
  values: readonly OptionValue[] = [];
  /** A request is pending. */
  asking = false;
  #asked = 0;
  #timer = 0;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly store: Store,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.forget();
  }

  /** Another option is being typed. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#asked++;
    this.asking = false;
    this.values = [];
  }

  /** @param typed read when the request is sent. @param name the option's. */
  ask(entry: Entry, typed: () => ReadonlyMap<string, Typed>, name: string): void {
    clearTimeout(this.#timer);
    this.asking = true;
    this.#timer = window.setTimeout(async () => {
      const { api, locale, place } = this.store;
      const asked = ++this.#asked;
      const texts = new Map([...typed()].filter(([, value]) => typeof value === 'string'));
      const data = { id: entry.command.id, type: 1 as const, options: toOptions(entry, texts, [], name) };
      const answer = await api
        .interact(place.channel!, { type: 4, application_id: entry.application, data })
        .catch(() => null);
      if (asked !== this.#asked) return;
      this.asking = false;
      const choices = answer?.kind === 'choices' ? answer.choices : [];
      this.values = choices.map(({ name, name_localizations, value }) => ({
        label: localised(name, name_localizations, locale),
        value: String(value),
      }));
      this.host.requestUpdate();
    }, PAUSE);
  }
}
