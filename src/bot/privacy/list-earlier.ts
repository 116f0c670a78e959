import type Keyv from 'keyv';
import type { Logger } from 'pino';
import { type JobList, MOST_LISTED } from '../storage/job-lists.js';
import { isPointer, type Results, type Stored } from '../storage/results.js';

/** Says that it was done. */
const DONE = 'listed';

/**
 * Puts the results of earlier versions, which kept no lists of them, into their users' lists: once for a store, in the
 * background. @returns a function that stops it.
 */
export function listEarlier(results: Results, members: Keyv, log: Logger): () => Promise<void> {
  const end = new AbortController();
  const running = fillLists(results, members, end.signal).catch((err) => {
    if (!end.signal.aborted) log.warn({ err }, 'earlier results are not in /mine yet: trying again at the next start');
  });
  return () => {
    end.abort();
    return running;
  };
}

/** @throws StoreError; the signal's reason. */
export async function fillLists(results: Results, members: Keyv, signal?: AbortSignal): Promise<void> {
  if (await members.get(DONE)) return;
  const found = new Map<string, { list: JobList; jobs: string[] }>();
  for await (const [job, value] of results.entries()) {
    signal?.throwIfAborted();
    const { userId, guildId = null, shown = 0 } = Object(value) as Partial<Stored>;
    if (isPointer(job) || userId === undefined || shown === 0) continue;
    const key = `${userId}:${guildId}`;
    const { jobs } = found.get(key) ?? found.set(key, { list: { kind: 'all', userId, guildId }, jobs: [] }).get(key)!;
    jobs.push(job);
    // In one that is long already, the oldest make room now and then, not for each.
    if (jobs.length >= 2 * MOST_LISTED) jobs.sort().splice(0, MOST_LISTED);
  }
  for (const { list, jobs } of found.values()) {
    signal?.throwIfAborted();
    await results.lists.fill(list, jobs);
  }
  await members.set(DONE, true);
}
