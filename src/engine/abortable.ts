/** The call's result, or at once the signal's reason when it aborts: the call then ends by itself, unheard. */
export async function abortable<T>(call: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return call;
  const left = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true, signal: left.signal });
  });
  try {
    return await Promise.race([call, aborted]);
  } finally {
    left.abort();
  }
}
