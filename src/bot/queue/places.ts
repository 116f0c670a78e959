import { isOverApi, type Job } from '../request/job.js';
import { Refusal } from '../text/refusal.js';
import type { Entry } from './entry.js';

export interface PlaceLimits {
  /** Most waiting requests of a member, in all guilds. */
  readonly userQueue: number;
  /** Waiting requests of a guild above which places are reserved for members who have none. */
  readonly guildQueue: number;
}

/**
 * Whether there is a place for one more request. In a guild, members without a waiting request always get one, however
 * full it is; otherwise a few members with many requests would shut out everybody else before turns matter. Members
 * with waiting requests get another one while places are left and they would not exceed an equal share: the longest
 * queue gives way, in that its owner's next request is refused. What was accepted stays.
 *
 * @param own waiting requests of the member, in all guilds.
 * @param waiting waiting requests in the guild, by member; null for direct messages.
 * @returns the limit that is reached; null for none.
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

/** @param entries all jobs that wait or run. @throws Refusal if there is no place for one more. */
export function checkPlaces(job: Job, entries: Iterable<Entry>, { userQueue, guildQueue }: PlaceLimits): void {
  const { userId, guildId } = job.origin;
  // The API has all places of a guild, for its one member.
  const limits = { guildQueue, userQueue: isOverApi(job) ? guildQueue : userQueue };
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
