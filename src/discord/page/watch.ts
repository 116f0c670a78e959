import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Store } from './store.js';

/** Renders its element again when the store changes, or its language alone, for as long as it is on the page. */
export class Watch implements ReactiveController {
  readonly #update: () => void;

  constructor(
    host: ReactiveControllerHost,
    private readonly store: Store,
    private readonly on: 'change' | 'language' = 'change',
  ) {
    this.#update = () => host.requestUpdate();
    host.addController(this);
  }

  hostConnected(): void {
    this.store.addEventListener(this.on, this.#update);
  }

  hostDisconnected(): void {
    this.store.removeEventListener(this.on, this.#update);
  }
}
