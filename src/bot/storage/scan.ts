import { setImmediate as breathe } from 'node:timers/promises';
import type Keyv from 'keyv';

/** Entries after which everything else gets a turn: SQLite answers at once, and a loop over it would never let go. */
const PAGE = 100;

/** Every entry of a namespace, whatever is behind it. An entry may be deleted meanwhile; Redis may show one twice. */
export async function* scan(store: Keyv): AsyncGenerator<[key: string, value: unknown]> {
  let met = 0;
  for await (const [key, value] of store.iterator!(store.namespace)) {
    yield [key as string, value];
    if (++met % PAGE === 0) await breathe();
  }
}

/** Deletes many keys, some at a time. */
export async function deleteAll(store: Keyv, keys: Iterable<string>): Promise<void> {
  const left = [...keys];
  while (left.length > 0) {
    await store.delete(left.splice(-PAGE));
    await breathe();
  }
}
