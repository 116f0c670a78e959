/** Milliseconds before the second attempt; doubled each time. */
const FIRST_WAIT = 1000;

export interface RetryOptions {
  /** Most milliseconds between attempts. */
  readonly longestWait: number;
  readonly attempts?: number;
  /** Ends the waiting. An attempt in progress still counts. */
  readonly signal?: AbortSignal;
  /** @returns false, or throws, if another attempt would be pointless. */
  readonly failed: (error: unknown, wait: number, attempt: number) => boolean;
}

/** Tries until it succeeds. @returns whether it did, before the attempts or the signal ended it. */
export async function retry(act: () => Promise<unknown>, options: RetryOptions): Promise<boolean> {
  const { longestWait, attempts = Number.POSITIVE_INFINITY, signal, failed } = options;
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      await act();
      return true;
    } catch (error) {
      const wait = Math.min(FIRST_WAIT * 2 ** attempt, longestWait);
      if (!failed(error, wait, attempt) || !(await pause(wait, signal))) return false;
    }
  }
  return false;
}

/** @returns false if the signal came first. */
function pause(time: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const done = (slept: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stopped);
      resolve(slept);
    };
    const stopped = () => done(false);
    const timer = setTimeout(() => done(true), time);
    signal?.addEventListener('abort', stopped);
  });
}
