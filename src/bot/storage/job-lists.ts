import type Keyv from 'keyv';
import { z } from 'zod';
import { deleteAll, scan } from './scan.js';
import { SerialByKey } from './serial-by-key.js';

/** Jobs of one member in one guild, or in direct messages: all that have pictures, or their favourites. */
export interface JobList {
  readonly kind: 'all' | 'star';
  readonly userId: string;
  readonly guildId: string | null;
}

/** Jobs in one value of the store: so many are read, and written, at a time. */
const CHUNK = 100;
const CHUNKS = 50;
/** About how many jobs a list has at most: when it gets longer, the oldest are dropped from it. */
export const MOST_LISTED = CHUNK * CHUNKS;

const headSchema = z.object({
  /** The number of each chunk and the oldest job that belongs to it, the oldest chunk first. */
  chunks: z.array(z.tuple([z.number(), z.string()])),
});
const jobsSchema = z.array(z.string());

type Head = z.infer<typeof headSchema>;

/**
 * Sorted lists of jobs, whose ids sort by age, for a store that only knows keys: a member with thousands of them costs a
 * few reads a page. A list has a head, which says which chunk a job belongs to, and chunks.
 *
 * Invariant: the chunks of a head are in order, and a job is in the last chunk that does not begin after it.
 */
export class JobLists {
  readonly #turns = new SerialByKey();

  constructor(private readonly store: Keyv) {}

  /** Adding a job twice is harmless. */
  async add(list: JobList, job: string): Promise<void> {
    await this.#alone(list, async (key) => {
      const head = await this.#head(key);
      const at = Math.max(0, placeOf(head, job));
      const jobs = head.chunks.length > 0 ? await this.#chunk(key, head.chunks[at]![0]) : [];
      if (jobs.includes(job)) return;
      const isLast = at >= head.chunks.length - 1;
      if (head.chunks.length === 0 || (isLast && jobs.length >= CHUNK && job > jobs.at(-1)!)) {
        await this.#begin(key, head, job, list);
        return;
      }
      const [n, first] = head.chunks[at]!;
      await this.store.set(`${key}:${n}`, [...jobs, job].sort());
      if (job < first) await this.store.set(key, { chunks: head.chunks.with(at, [n, job]) });
    });
  }

  async remove(list: JobList, job: string): Promise<void> {
    await this.#alone(list, async (key) => {
      const head = await this.#head(key);
      const at = placeOf(head, job);
      if (at < 0) return;
      const [n] = head.chunks[at]!;
      const jobs = await this.#chunk(key, n);
      const left = jobs.filter((one) => one !== job);
      if (left.length === jobs.length) return;
      if (left.length > 0) {
        await this.store.set(`${key}:${n}`, left);
        return;
      }
      const chunks = head.chunks.toSpliced(at, 1);
      // The head first: a chunk that nothing leads to is written over, but one that is missing would look emptied.
      if (chunks.length > 0) await this.store.set(key, { chunks });
      else await this.store.delete(key);
      await this.store.delete(`${key}:${n}`);
    });
  }

  /** Writes a whole list, for jobs that were there before there were lists; those that it has already stay. */
  async fill(list: JobList, jobs: readonly string[]): Promise<void> {
    await this.#alone(list, async (key) => {
      const head = await this.#head(key);
      const known = await Promise.all(head.chunks.map(([n]) => this.#chunk(key, n)));
      const all = [...new Set([...jobs, ...known.flat()])].sort().slice(-MOST_LISTED);
      const start = nextNumber(head);
      const chunks: Head['chunks'] = [];
      for (let from = 0; from < all.length; from += CHUNK) {
        const n = start + chunks.length;
        await this.store.set(`${key}:${n}`, all.slice(from, from + CHUNK));
        chunks.push([n, all[from]!]);
      }
      await this.#place(list);
      await this.store.set(key, { chunks });
      for (const [n] of head.chunks) await this.store.delete(`${key}:${n}`);
    });
  }

  /** The jobs that are older than one, the newest first. @param than any string: it need not be in the list. */
  async *older(list: JobList, than: string): AsyncGenerator<string> {
    const key = keyOf(list);
    const { chunks } = await this.#head(key);
    for (const [n, first] of chunks.toReversed()) {
      if (first >= than) continue;
      for (const job of (await this.#chunk(key, n)).toReversed()) if (job < than) yield job;
    }
  }

  /** The jobs that are newer than one, the oldest first. */
  async *newer(list: JobList, than: string): AsyncGenerator<string> {
    const key = keyOf(list);
    const { chunks } = await this.#head(key);
    for (const [at, [n]] of chunks.entries()) {
      const following = chunks[at + 1];
      if (following && following[1] <= than) continue;
      for (const job of await this.#chunk(key, n)) if (job > than) yield job;
    }
  }

  /** The guilds in which a member has lists; null for direct messages. */
  async places(userId: string): Promise<(string | null)[]> {
    const names = jobsSchema.safeParse(await this.store.get(`places:${userId}`)).data ?? [];
    return names.map((name) => (name === DIRECT ? null : name));
  }

  /** Deletes all lists of a member, by looking through the whole store: also what an interruption left behind. */
  async forget(userId: string): Promise<void> {
    const own: string[] = [];
    for await (const [key] of scan(this.store))
      if (/^(all|star|places):/.test(key) && key.split(':')[1] === userId) own.push(key);
    await deleteAll(this.store, own);
  }

  /** A new chunk for a job that is newer than all others. */
  async #begin(key: string, head: Head, job: string, list: JobList): Promise<void> {
    const n = nextNumber(head);
    await this.store.set(`${key}:${n}`, [job]);
    const chunks: Head['chunks'] = [...head.chunks, [n, job]];
    if (chunks.length === 1) await this.#place(list);
    await this.store.set(key, { chunks: chunks.slice(-CHUNKS) });
    for (const [old] of chunks.slice(0, -CHUNKS)) await this.store.delete(`${key}:${old}`);
  }

  /** Writes down that there is a list. */
  async #place({ userId, guildId }: JobList): Promise<void> {
    await this.#turns.run(`places:${userId}`, async () => {
      const places = await this.places(userId);
      if (places.includes(guildId)) return;
      await this.store.set(
        `places:${userId}`,
        [...places, guildId].map((place) => place ?? DIRECT),
      );
    });
  }

  async #head(key: string): Promise<Head> {
    return headSchema.safeParse(await this.store.get(key)).data ?? { chunks: [] };
  }

  async #chunk(key: string, n: number): Promise<string[]> {
    return jobsSchema.safeParse(await this.store.get(`${key}:${n}`)).data ?? [];
  }

  #alone(list: JobList, act: (key: string) => Promise<void>): Promise<void> {
    const key = keyOf(list);
    return this.#turns.run(key, () => act(key));
  }
}

/** The name of direct messages among guilds. */
const DIRECT = '@me';

function keyOf({ kind, userId, guildId }: JobList): string {
  return `${kind}:${userId}:${guildId ?? DIRECT}`;
}

/** The chunk that a job belongs to, by its place in the head; -1 if it is older than all. */
function placeOf({ chunks }: Head, job: string): number {
  return chunks.findLastIndex(([, first]) => first <= job);
}

function nextNumber({ chunks }: Head): number {
  return Math.max(-1, ...chunks.map(([n]) => n)) + 1;
}
