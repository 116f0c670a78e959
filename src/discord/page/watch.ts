import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Store } from './store.js';
import { spoken } from './words.js';

/** Renders its element again when what it shows of the store has changed, or the language, for as long as it is on the page. */
export class Watch implements ReactiveController {
  #shown: readonly unknown[] = [];

  /** @param shows the values that its element renders; compared by identity. */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly store: Store,
    private readonly shows: () => readonly unknown[] = () => [],
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.store.addEventListener('change', this.#look);
    // What changed while it was not on the page.
    this.#look();
  }

  hostDisconnected(): void {
    this.store.removeEventListener('change', this.#look);
  }

  readonly #look = () => {
    const now = [spoken(), ...this.shows()];
    const same = now.length === this.#shown.length && now.every((value, i) => value === this.#shown[i]);
    if (same) return;
    this.#shown = now;
    this.host.requestUpdate();
  };
}
