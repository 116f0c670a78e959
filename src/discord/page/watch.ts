import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Store } from './store.js';
import { spoken } from './words.js';

/**
 * Renders its element again whenever the part of the store that it shows, or the language, changes while it is on the
 * page.
 */
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
    // Catches up with changes while it was not on the page.
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
