import { abortable } from './abortable.js';

/** Runs one call at a time, in the order in which they were made. */
export class Serial {
  /** Settles when nothing is running or waiting. Never rejects. */
  #last: Promise<void> = Promise.resolve();

  /**
   * @param signal ends the wait at once, with its reason. A running call keeps its turn until it returns: if it were
   * abandoned when the signal aborts, the next one would run at the same time.
   */
  run<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last;
    const result = orAborted(before, signal).then(call);
    this.#last = Promise.allSettled([before, result]).then(() => {});
    return result;
  }

  /** Resolves when every call made so far has ended. */
  settled(): Promise<void> {
    return this.#last;
  }
}

async function orAborted(wait: Promise<void>, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  return abortable(wait, signal);
}
