/** Options with callbacks, which may be async, and perhaps a signal. */
interface Listening {
  signal?: AbortSignal | undefined;
}

/**
 * Runs a call with options whose callbacks may throw, or give a promise that rejects: that ends the call with their error, as its
 * signal would, and never the process. The call has ended when their promises have.
 *
 * @param call is given the options that it must use instead.
 */
export async function listenedTo<O extends Listening, T>(options: O, call: (own: O) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const forward = () => stop.abort(options.signal!.reason);
  if (options.signal?.aborted) forward();
  else options.signal?.addEventListener('abort', forward, { once: true });
  const failures: unknown[] = [];
  const fail = (error: unknown) => {
    failures.push(error);
    stop.abort(error);
  };
  const promises: Promise<void>[] = [];
  const heard =
    (callback: (...values: unknown[]) => unknown) =>
    (...values: unknown[]) => {
      const result = callback(...values);
      if (isThenable(result)) promises.push(Promise.resolve(result).then(() => {}, fail));
      return result;
    };
  const own = Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, typeof value === 'function' ? heard(value) : value]),
  );
  try {
    const result = await call({ ...own, signal: stop.signal } as O);
    await Promise.all(promises);
    if (failures.length > 0) throw failures[0];
    return result;
  } finally {
    options.signal?.removeEventListener('abort', forward);
  }
}

/** A promise, of whatever library. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
