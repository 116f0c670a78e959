import type { Job } from '../request/job.js';
import { Refusal } from '../text/refusal.js';
import type { Entry } from './entry.js';

export interface PlaceLimits {
  /** Requests of a member that may wait, in all guilds. */
  readonly userQueue: number;
  /** Requests of a guild that may wait before places are kept for those who have none. */
  readonly guildQueue: number;
}

/**
 * Whether one more request finds a place. In a guild, whoever has none waiting always gets one, however full it is: a few
 * with many would else shut everybody out before turns are taken at all. Whoever has some gets another while there are
 * places left and theirs would be no more than an equal share of all: the longest queue gives way, by its owner's next
 * request being refused. What was accepted stays.
 *
 * @param own how many of the member wait, in all guilds.
 * @param waiting how many wait in the guild, by member; null for direct messages.
 * @returns which limit is in the way; null for none.
 */
export function fullFor(
  member: string,
  own: number,
  waiting: ReadonlyMap<string, number> | null,
  { userQueue, guildQueue }: PlaceLimits,
): keyof PlaceLimits | null {
  if (own >= userQueue) return 'userQueue';
  const here = waiting?.get(member) ?? 0;
  if (!waiting || here === 0) return null;
  const all = [...waiting.values()].reduce((sum, count) => sum + count, 0);
  const share = Math.ceil(guildQueue / waiting.size);
  return all >= guildQueue || here >= share ? 'guildQueue' : null;
}

/** @param entries all jobs that wait or run. @throws Refusal when one more finds no place. */
export function checkPlaces({ origin: { userId, guildId } }: Job, entries: Iterable<Entry>, limits: PlaceLimits): void {
  let own = 0;
  const waiting = new Map<string, number>();
  for (const { state, job } of entries) {
    const { origin } = job;
    if (origin.userId === userId) own++;
    if (state !== 'running' && origin.guildId === guildId)
      waiting.set(origin.userId, (waiting.get(origin.userId) ?? 0) + 1);
  }
  const limit = fullFor(userId, own, guildId === null ? null : waiting, limits);
  if (limit) throw new Refusal(limit, { count: limit === 'guildQueue' ? waiting.get(userId)! : own });
}
