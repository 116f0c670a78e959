import type { Meaning } from '../../engine/meaning.js';
import type { Painted } from '../painter/messages.js';
import { parsed } from '../storage/parsed.js';
import { KEYS, pictureKeys } from './keys.js';
import type { Link } from './link.js';
import { pack } from './parcel.js';
import type { RemoteTimes } from './times.js';
import { type RemoteOutcome, remoteOutcome } from './wire.js';

/** How a job ended, on the painter's side. */
export type Brought =
  | { readonly kind: 'painted'; readonly painted: Painted; readonly by: string; readonly seconds?: number }
  | { readonly kind: 'refused'; readonly message: string; readonly meaning: Meaning }
  | {
      readonly kind: 'broken';
      readonly name: string;
      readonly message: string;
      readonly stack?: string;
      readonly code?: string;
    };

/**
 * Puts an outcome and its pictures into Redis, unless the job has an outcome already: of several painters that had the job,
 * one wins.
 *
 * @throws Error if Redis is away or full; it may have been put there nevertheless, and may be brought again.
 */
export async function bring(
  link: Link,
  { kept }: Pick<RemoteTimes, 'kept'>,
  job: string,
  attempt: string,
  brought: Brought,
): Promise<void> {
  const once = { condition: 'NX', expiration: { type: 'PX', value: kept } } as const;
  const { text, bytes } = pack(brought.kind === 'painted' ? brought.painted : null);
  const outcome = outcomeOf(attempt, brought, text, bytes.length);
  const all = link.redis.multi();
  for (const [index, picture] of bytes.entries()) all.set(KEYS.picture(attempt, index), Buffer.from(picture), once);
  const key = KEYS.outcome(job);
  const answers = await link.ask(all.set(key, JSON.stringify(outcome), once).get(key).exec());
  const won = parsed(remoteOutcome, String(answers.at(-1)));
  const mine = won !== null && won.kind !== 'gone' && won.attempt === attempt;
  if (!mine && bytes.length > 0) await link.ask(link.redis.del(pictureKeys(attempt, bytes.length)));
}

function outcomeOf(attempt: string, brought: Brought, painted: string, pictures: number): RemoteOutcome {
  if (brought.kind === 'painted') {
    const { by, seconds } = brought;
    return { kind: 'painted', attempt, by, ...(seconds !== undefined && { seconds }), painted, pictures };
  }
  return { ...brought, attempt };
}
