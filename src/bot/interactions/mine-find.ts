import { setImmediate as breathe } from 'node:timers/promises';
import type { JobList, JobLists } from '../storage/job-lists.js';
import type { Found, Results } from '../storage/results.js';
import { folded, type MineView, TOP } from './mine-state.js';

/** Results in a page: three rows of three on a screen of any size. */
export const PAGE = 9;
/** Records read at a time. */
const BATCH = 50;

export interface MinePage {
  readonly found: readonly Found[];
  /** Cursors of the pages before and after; null if there is none. */
  readonly newer: string | null;
  readonly older: string | null;
}

/**
 * A page of a member's results, the newest first. Reads the lists and as many records as it needs, never the whole
 * store; searching for a word looks through the member's own results.
 *
 * @param places guilds, or null for direct messages. @param visible whether the member may see a result here.
 */
export async function minePage(
  results: Results,
  userId: string,
  places: readonly (string | null)[],
  { favourites, word, cursor }: MineView,
  visible: (found: Found) => Promise<boolean>,
): Promise<MinePage> {
  const kind = favourites ? 'star' : 'all';
  const lists = places.map((guildId): JobList => ({ kind, userId, guildId }));
  const wanted = async (found: Found) =>
    found.record.shown > 0 &&
    !found.record.removing &&
    folded(found.record.request.prompt).includes(word) &&
    (await visible(found));
  const { older, newer } = results.lists;
  const below = merged(lists, (list) => older.call(results.lists, list, cursor), 1);
  const found = await taken(results, below, wanted, PAGE + 1);
  // Where the page before begins: it is full, unless there are too few.
  const above = merged(lists, (list) => newer.call(results.lists, list, before(found, cursor)), -1);
  const earlier = cursor === TOP ? [] : await taken(results, above, wanted, PAGE + 1);
  return {
    found: found.slice(0, PAGE),
    newer: earlier.length === 0 ? null : (earlier[PAGE]?.job ?? TOP),
    older: found.length > PAGE ? found[PAGE - 1]!.job : null,
  };
}

/** The job that the page begins with; where it is empty, all that are newer come before it. */
function before([first]: readonly Found[], cursor: string): string {
  return first?.job ?? cursor;
}

type Listed = readonly [list: JobList, job: string];

/** Several sorted lists as one. @param sign 1 if the newest come first, -1 if the oldest do. */
async function* merged(
  lists: readonly JobList[],
  walk: (list: JobList) => ReturnType<JobLists['older']>,
  sign: 1 | -1,
): AsyncGenerator<Listed> {
  const walks = await Promise.all(
    lists.map(async (list) => {
      const jobs = walk(list);
      return { list, jobs, next: await jobs.next() };
    }),
  );
  for (;;) {
    const left = walks.filter(({ next }) => !next.done);
    if (left.length === 0) return;
    const first = left.reduce((a, b) => ((a.next.value! < b.next.value! ? -1 : 1) * sign > 0 ? a : b));
    yield [first.list, first.next.value!];
    first.next = await first.jobs.next();
  }
}

/** As many of the wanted results as there are, up to `count`. Jobs whose records are gone leave their list. */
async function taken(
  results: Results,
  listed: AsyncGenerator<Listed>,
  wanted: (found: Found) => Promise<boolean>,
  count: number,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let done = false; !done && found.length < count; ) {
    const batch: Listed[] = [];
    while (batch.length < BATCH && !done) {
      const { value, done: ended } = await listed.next();
      if (ended) done = true;
      else batch.push(value);
    }
    const records = await results.getAll(batch.map(([, job]) => job));
    for (const [k, [list, job]] of batch.entries()) {
      const record = records[k] ?? null;
      if (!record) await results.lists.remove(list, job);
      else if (found.length < count && (await wanted({ job, record }))) found.push({ job, record });
    }
    // SQLite answers at once, and a search may read thousands.
    await breathe();
  }
  return found;
}
