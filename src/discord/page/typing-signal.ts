import type { Store } from './store.js';

/** Milliseconds until the client repeats it; Discord shows it for ten seconds. */
const AGAIN = 8000;

/** Tells the channel that a message is being written. */
export class TypingSignal {
  #told = 0;

  constructor(private readonly store: Store) {}

  tell(): void {
    if (Date.now() - this.#told <= AGAIN) return;
    this.#told = Date.now();
    void this.store.api.typing(this.store.place.channel!).catch(() => {});
  }

  /** The message is sent: the next one is signalled again. */
  done(): void {
    this.#told = 0;
  }
}
