import type { EventEmitter } from 'node:events';
import type { KeyvStoreAdapter } from 'keyv';
import { Refusal } from '../text/refusal.js';

/**
 * Milliseconds for one call: Discord waits three seconds for an answer, and a failed request must also give back what
 * it took.
 */
export const STORE_PATIENCE = 1000;

/** The store failed or did not answer in time. Members are told that it is unavailable; operators why. */
export class StoreError extends Refusal {
  override name = 'StoreError';

  /** @param where the store, for the operator, without its password. */
  constructor(
    where: string,
    override readonly cause: unknown,
  ) {
    super('store');
    this.message = `The store (${where}) fails: ${reasonOf(cause)}. Check DATABASE_URL, that it runs, answers and has room.`;
  }
}

export function reasonOf(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException;
  return message || code || String(cause);
}

/** Makes a call to the store: in time, and with every failure as a StoreError. */
export async function inTime<T>(where: string, act: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${STORE_PATIENCE} ms`)), STORE_PATIENCE);
  });
  try {
    return await Promise.race([act(), late]);
  } catch (cause) {
    throw cause instanceof StoreError ? cause : new StoreError(where, cause);
  } finally {
    clearTimeout(timer);
  }
}

const CALLS = ['get', 'getMany', 'set', 'setMany', 'delete', 'deleteMany', 'clear', 'has'];

/**
 * The adapter with every call, and every step of an iteration, limited in time.
 *
 * @param fence throws while nothing may be read or written.
 */
export function guarded(adapter: KeyvStoreAdapter, where: string, fence: () => void = () => {}): KeyvStoreAdapter {
  return new Proxy(adapter, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = value.bind(target);
      if (name === 'iterator') return (namespace?: string) => walk(target, where, call(namespace));
      const within = (...values: unknown[]) =>
        inTime(where, async () => {
          fence();
          return call(...values);
        });
      return CALLS.includes(name as string) ? within : call;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

/** If @keyv/postgres fails part-way, it only emits an error and ends, as if it had reached the end. */
async function* walk<T>(adapter: KeyvStoreAdapter, where: string, entries: AsyncIterator<T>): AsyncGenerator<T> {
  const errors: unknown[] = [];
  const note = (error: unknown) => void errors.push(error);
  adapter.on('error', note);
  try {
    for (;;) {
      const { done, value } = await inTime(where, () => entries.next());
      if (done) break;
      yield value;
    }
  } finally {
    (adapter as unknown as EventEmitter).off('error', note);
  }
  if (errors.length > 0) throw new StoreError(where, errors[0]);
}
