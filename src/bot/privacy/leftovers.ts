import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { draftOf } from '../expressions/drafts.js';
import type { JobQueue } from '../request/job.js';
import { startOfJobIds } from '../request/job-id.js';
import type { Pictures } from '../storage/pictures.js';
import { isPointer, type Results, type Stored, sourcesOf } from '../storage/results.js';

interface Parts {
  readonly results: Results;
  readonly jobs: Pick<JobQueue, 'unfinished'>;
  readonly pictures: Pictures;
}

/** Entries that nothing refers to any more. */
interface Found {
  /** Records by job. */
  readonly records: ReadonlyMap<string, Stored>;
  /** With the jobs they point to. */
  readonly pointers: ReadonlyMap<string, string>;
  readonly pictures: ReadonlySet<string>;
}

/** Milliseconds between sweeps. */
const INTERVAL = 60 * 60 * 1000;

/**
 * Deletes what a kill between two writes, or 🗑️, leaves behind: results without a message or a job, pointers to missing
 * results, and pictures that no result or job needs.
 *
 * Invariant: entries are only deleted if two sweeps in a row found them, or if they are older than this process,
 * because a request in progress looks the same: an upload is kept before its record, and a record before its job.
 */
export class Leftovers {
  #before: Found = { records: new Map(), pointers: new Map(), pictures: new Set() };
  /** Jobs with ids below this are older than this process. */
  readonly #began = startOfJobIds();
  readonly #picturesBefore: ReadonlySet<string>;

  /** Must be created before anything can be requested. */
  constructor(private readonly parts: Parts) {
    this.#picturesBefore = new Set(parts.pictures.keys());
  }

  /** @returns how many records, pointers and pictures were deleted. @throws StoreError; the signal's reason. */
  async sweep(signal?: AbortSignal): Promise<number> {
    const { results, pictures } = this.parts;
    const found = await this.#find(signal);
    const before = this.#before;
    const gone = {
      jobs: [...found.records.keys()].filter((job) => job < this.#began || before.records.has(job)),
      pointers: [...found.pointers].flatMap(([key, job]) =>
        job < this.#began || before.pointers.has(key) ? [key] : [],
      ),
      pictures: [...found.pictures].filter((key) => this.#picturesBefore.has(key) || before.pictures.has(key)),
    };
    for (const job of gone.jobs) await results.unlist(found.records.get(job)!, job);
    await results.forget(gone);
    for (const key of gone.pictures) {
      signal?.throwIfAborted();
      await pictures.remove(key);
    }
    this.#before = found;
    return gone.jobs.length + gone.pointers.length + gone.pictures.length;
  }

  async #find(signal?: AbortSignal): Promise<Found> {
    // Both are listed before the store is read: later pictures are not considered, and jobs that end meanwhile still
    // count.
    const cached = this.parts.pictures.keys();
    const unfinished = this.parts.jobs.unfinished();
    const alive = new Set(unfinished.map(({ id }) => id));
    const needed = new Set(unfinished.flatMap(sourcesOf));
    const records = new Map<string, Stored>();
    const leads: [pointer: string, job: string][] = [];
    for await (const [key, value] of this.parts.results.entries()) {
      signal?.throwIfAborted();
      if (isPointer(key)) leads.push([key, value as string]);
      else if (!alive.has(key) && isOver(value as Stored | undefined)) records.set(key, value as Stored);
      else {
        alive.add(key);
        for (const picture of sourcesOf(value as Stored | undefined)) needed.add(picture);
      }
    }
    const pictures = cached.filter((key) => !needed.has(key) && isLeft(key, alive));
    return {
      records,
      pointers: new Map(leads.filter(([, job]) => !alive.has(job))),
      pictures: new Set(pictures),
    };
  }
}

/** For results without a job: whether no message shows it, or will. Records of earlier versions may not say. */
function isOver(record: Stored | undefined): boolean {
  return record?.messageId === null || record?.removing === true;
}

/** Whether it is an upload, or a picture of a deleted result. Unconfirmed emojis are swept elsewhere. */
function isLeft(key: string, alive: ReadonlySet<string>): boolean {
  if (draftOf(key) !== null) return false;
  const job = /^(.+)-\d+\.png$/.exec(key)?.[1];
  return job === undefined ? /^[0-9a-f]{32}$/.test(key) : !alive.has(job);
}

/** Sweeps now and at intervals, in the background. @returns a function that stops it. */
export function keepLeftoversAway(parts: Parts & { readonly log: Logger }): () => Promise<void> {
  const { log } = parts;
  const leftovers = new Leftovers(parts);
  const end = new AbortController();
  const { signal } = end;
  const running = (async () => {
    for (;;) {
      try {
        const removed = await leftovers.sweep(signal);
        if (removed > 0) log.info({ removed }, 'leftovers of removed or interrupted requests were deleted');
      } catch (err) {
        if (!signal.aborted) log.warn({ err }, 'leftovers of removed requests could not be deleted; trying again');
      }
      await sleep(INTERVAL, undefined, { signal });
    }
  })().catch(() => {});
  return () => {
    end.abort();
    return running;
  };
}
