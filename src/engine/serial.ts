/** Lets one call run at a time, in the order in which they came. */
export class Serial {
  /** Settles when nothing is running or waiting. Never rejects. */
  #last: Promise<void> = Promise.resolve();

  /**
   * @param signal ends the wait at once, with its reason. A call that has begun keeps its turn until it returns: whoever
   * raced it against the signal would let the next one in beside it.
   */
  run<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last;
    const result = orAborted(before, signal).then(call);
    this.#last = Promise.allSettled([before, result]).then(() => {});
    return result;
  }

  /** Resolves when every call that came so far has ended. */
  settled(): Promise<void> {
    return this.#last;
  }
}

async function orAborted(wait: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (!signal) return wait;
  signal.throwIfAborted();
  const left = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: left.signal });
  });
  try {
    await Promise.race([wait, aborted]);
  } finally {
    left.abort();
  }
}
