import { setImmediate as breathe } from 'node:timers/promises';
import type Keyv from 'keyv';

/**
 * Entries after which it yields to the event loop: SQLite answers synchronously, so a loop over it would block
 * everything.
 */
const PAGE = 100;

/** Every entry of a namespace, in any backend. Entries may be deleted meanwhile; Redis may return one twice. */
export async function* scan(store: Keyv): AsyncGenerator<[key: string, value: unknown]> {
  let met = 0;
  for await (const [key, value] of store.iterator!(store.namespace)) {
    yield [key as string, value];
    if (++met % PAGE === 0) await breathe();
  }
}

/** Deletes many keys, in batches. */
export async function deleteAll(store: Keyv, keys: Iterable<string>): Promise<void> {
  const left = [...keys];
  while (left.length > 0) {
    await store.delete(left.splice(-PAGE));
    await breathe();
  }
}
