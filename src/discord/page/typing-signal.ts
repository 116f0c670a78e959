import type { Store } from './store.js';

/** Discord shows that somebody is typing for ten seconds; its client says so again in time. */
const AGAIN = 8000;

/** Tells the others of the channel that a message is being written. */
export class TypingSignal {
  #told = 0;

  constructor(private readonly store: Store) {}

  tell(): void {
    if (Date.now() - this.#told <= AGAIN) return;
    this.#told = Date.now();
    void this.store.api.typing(this.store.place.channel!).catch(() => {});
  }

  /** The message is sent: the next one is told anew. */
  done(): void {
    this.#told = 0;
  }
}
