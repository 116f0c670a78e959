import type Keyv from 'keyv';
import { z } from 'zod';
import { randomSeed } from '../../engine/random/seed.js';
import type { Job } from '../request/job.js';
import { type CommonRequest, commonOf, type PaintRequest, paintRequest } from '../request/paint-request.js';
import type { JobLists } from './job-lists.js';
import { deleteAll, scan } from './scan.js';
import { SerialByKey } from './serial-by-key.js';

const recordSchema = z.object({
  request: paintRequest,
  userId: z.string(),
  guildId: z.string().nullable(),
  channelId: z.string(),
  /** The message that shows it; null before there is one. */
  messageId: z.string().nullable(),
  createdAt: z.number(),
  /** The locale of its texts. */
  locale: z.string().optional(),
  /** Pictures in the message, without hidden ones. */
  shown: z.number().default(0),
  /** Numbers, from 1, of flagged pictures in the message; records of earlier versions do not say. */
  flagged: z.array(z.number()).optional(),
  /** Numbers, from 1, of the places in the message that were left empty. */
  empty: z.array(z.number()).optional(),
  /** Behind a spoiler; records of earlier versions do not say. */
  spoiler: z.boolean().optional(),
  /** Only its user sees the message. */
  hidden: z.boolean().default(false),
  /** The picture of another job that it was made from. */
  parent: z.object({ job: z.string(), index: z.number() }).optional(),
  /** One of its user's favourites. */
  favourite: z.boolean().optional(),
  /** Its message was deleted, or is about to be. */
  removing: z.boolean().optional(),
});

/** The record behind a message of the bot, kept as long as the message may exist. */
export type ResultRecord = z.infer<typeof recordSchema>;

/** Where a button was pressed or a form submitted, according to Discord, not to its custom id. */
export interface Pressed {
  readonly userId: string;
  readonly guildId: string | null;
  readonly channelId: string | null;
  readonly messageId: string | undefined;
}

export interface Found {
  readonly job: string;
  readonly record: ResultRecord;
}

/** A record of any version. */
export interface Stored {
  readonly userId: string;
  readonly guildId?: string | null;
  readonly channelId?: string;
  readonly messageId?: string | null;
  readonly shown?: number;
  readonly removing?: boolean;
  readonly request?: {
    readonly source?: string;
    readonly others?: readonly string[];
    readonly mask?: string;
    readonly control?: { readonly image?: string };
    readonly count?: number;
  };
}

/** All entries in the store about one user's results. */
export interface Traces {
  readonly jobs: ReadonlySet<string>;
  /** Keys that point from messages and channels to jobs. */
  readonly pointers: readonly string[];
  /** Keys of uploaded pictures. */
  readonly uploads: ReadonlySet<string>;
}

/**
 * The requests behind the bot's messages, by job. Unreadable records count as deleted.
 *
 * A result can be deleted as soon as Discord shows it, before its message is recorded, so every change reads and writes
 * the record in one turn, and none undoes another.
 */
export class Results {
  readonly #turns = new SerialByKey();

  /** @param lists of the results of each user that have pictures, and of their favourites. */
  constructor(
    private readonly store: Keyv,
    readonly lists: JobLists,
  ) {}

  async get(job: string): Promise<ResultRecord | null> {
    return recordSchema.safeParse(await this.store.get(job)).data ?? null;
  }

  /** Several at once, in the order of the jobs; null for those that are gone. */
  async getAll(jobs: readonly string[]): Promise<(ResultRecord | null)[]> {
    if (jobs.length === 0) return [];
    const values = await this.store.get([...jobs]);
    return values.map((value) => recordSchema.safeParse(value).data ?? null);
  }

  /**
   * The record of the job that a custom id names, if the press came from its message, in its place, by somebody who can
   * see it: custom ids can be forged, and a record's contents are for its own place only.
   */
  async behindPress(job: string, { userId, guildId, channelId, messageId }: Pressed): Promise<ResultRecord | null> {
    const record = await this.get(job);
    if (!record || messageId === undefined) return null;
    // What could not be answered in its channel is in a direct message, whose channel is nobody else's.
    const here = record.channelId === channelId && (guildId === null || record.guildId === guildId);
    const mine = !record.hidden || record.userId === userId;
    return here && mine && record.messageId === messageId ? record : null;
  }

  async remember({ id, request, origin, createdAt }: Job, parent?: ResultRecord['parent']): Promise<void> {
    const { userId, guildId, channelId, locale, ephemeral: hidden, spoiler } = origin;
    const record: ResultRecord = {
      request: { ...request },
      userId,
      guildId,
      channelId,
      messageId: null,
      createdAt,
      locale,
      shown: 0,
      hidden,
      spoiler,
      parent,
    };
    await this.store.set(id, record);
  }

  /** Another request is painted for a job than was asked for. */
  async revised({ id, request }: Job): Promise<void> {
    await this.#turns.run(id, async () => {
      const record = await this.get(id);
      if (record) await this.store.set(id, { ...record, request });
    });
  }

  /**
   * @param shown pictures in the message; 0 while it only shows progress. @param flagged which of them were flagged, and
   * @param empty which were left out, once known.
   */
  async posted(
    job: string,
    messageId: string,
    channelId: string,
    shown = 0,
    flagged?: readonly number[],
    empty?: readonly number[],
  ): Promise<void> {
    await this.#turns.run(job, async () => {
      const record = await this.get(job);
      if (!record) return;
      await this.store.set(job, { ...record, messageId, channelId, shown, flagged, empty });
      await this.store.set(`message:${messageId}`, job);
      if (shown === 0) return;
      await this.store.set(`latest:${record.userId}:${record.channelId}`, job);
      await this.lists.add({ kind: 'all', ...record }, job);
    });
  }

  /** Makes a result one of its user's favourites, or no longer. */
  async favour(job: string, favourite: boolean): Promise<void> {
    await this.#turns.run(job, async () => {
      const record = await this.get(job);
      if (!record || record.removing) return;
      await this.store.set(job, { ...record, favourite: favourite || undefined });
      const list = { kind: 'star', ...record } as const;
      await (favourite ? this.lists.add(list, job) : this.lists.remove(list, job));
    });
  }

  /** The newest result of a user in a channel. */
  async latest(userId: string, channelId: string): Promise<Found | null> {
    return this.#found(await this.store.get<string>(`latest:${userId}:${channelId}`));
  }

  /** What a message shows or will show; null for messages that are not the bot's, so that those are never fetched. */
  async behind(messageId: string): Promise<ResultRecord | null> {
    return (await this.ofMessage(messageId))?.record ?? null;
  }

  /** As behind, with the job. */
  async ofMessage(messageId: string): Promise<Found | null> {
    return this.#found(await this.store.get<string>(`message:${messageId}`));
  }

  /** Marks a result before its message is deleted, so that a sweep finds it if the process ends in between. */
  async removing(job: string, removing = true): Promise<void> {
    await this.#turns.run(job, async () => {
      const record = await this.get(job);
      if (record) await this.store.set(job, { ...record, removing: removing || undefined });
    });
  }

  /** Deletes a result whose message is deleted, the request first. */
  async remove({ job, record }: Found): Promise<void> {
    const { userId, channelId, messageId } = record;
    await this.#turns.run(job, async () => {
      await this.unlist(record, job);
      await this.store.delete(job);
      await this.store.delete(`message:${messageId}`);
      const latest = `latest:${userId}:${channelId}`;
      if ((await this.store.get(latest)) === job) await this.store.delete(latest);
    });
  }

  /** Takes a result from its user's lists. */
  async unlist({ userId, guildId = null }: Pick<Stored, 'userId' | 'guildId'>, job: string): Promise<void> {
    for (const kind of ['all', 'star'] as const) await this.lists.remove({ kind, userId, guildId }, job);
  }

  /** Whether somebody deleted it, or is about to: it must not be shown again. */
  async isRemoved(job: string): Promise<boolean> {
    const record = await this.store.get<Stored>(job);
    return record === undefined || record.removing === true;
  }

  /** Everything: records of any version by job, and the jobs that pointers lead to. */
  entries(): AsyncGenerator<[key: string, value: unknown]> {
    return scan(this.store);
  }

  /** A user's records as stored, including unreadable ones. */
  async *ofUser(userId: string): AsyncGenerator<[job: string, record: Stored]> {
    for await (const [key, value] of scan(this.store)) if (isOf(userId, value)) yield [key, value];
  }

  /**
   * Everything in the store about a user's results. Pictures that another user's older result also started from are
   * left out: that user uploaded them.
   */
  async traces(userId: string): Promise<Traces> {
    const jobs = new Set<string>();
    const uploads = new Map<string, string>();
    for await (const [job, record] of this.ofUser(userId)) {
      jobs.add(job);
      for (const key of sourcesOf(record)) {
        // Only uploads: the other keys are of results, which are found by their jobs.
        if (/^[0-9a-f]{32}$/.test(key)) uploads.set(key, older(job, uploads.get(key)));
      }
    }
    const pointers: string[] = [];
    for await (const [key, value] of scan(this.store)) {
      if (key.startsWith('message:') && jobs.has(value as string)) pointers.push(key);
      else if (key.startsWith(`latest:${userId}:`)) pointers.push(key);
      else if (!jobs.has(key)) {
        for (const one of sourcesOf(value as Stored | undefined)) {
          if (key < (uploads.get(one) ?? '')) uploads.delete(one);
        }
      }
    }
    return { jobs, pointers, uploads: new Set(uploads.keys()) };
  }

  /** Deletes them, the records last, so that after an interruption the rest is found again. */
  async forget({ jobs, pointers }: { jobs: Iterable<string>; pointers: Iterable<string> }): Promise<void> {
    await deleteAll(this.store, pointers);
    await deleteAll(this.store, jobs);
  }

  async #found(job: string | undefined): Promise<Found | null> {
    const record = job === undefined ? null : await this.get(job);
    return record && { job: job!, record };
  }
}

/** Whether a key is a pointer; otherwise it is a job. */
export function isPointer(key: string): boolean {
  return key.includes(':');
}

/** Keys of the pictures that it started from or was steered by, whether uploads or results, each once. */
export function sourcesOf(started: Pick<Stored, 'request'> | null | undefined): string[] {
  const { source, others = [], mask, control } = started?.request ?? {};
  return [...new Set([source, ...others, mask, control?.image].filter((key) => key !== undefined))];
}

/** The same request with a new seed; variations of one seed stay of that seed. */
export function withNewSeed(request: PaintRequest): PaintRequest {
  const { variation } = request;
  if (variation) return { ...request, variation: { ...variation, seed: randomSeed() } };
  return { ...request, seed: randomSeed() };
}

/** What all kinds have of a request, for one more picture that nothing steers. */
export function alone(request: PaintRequest): CommonRequest {
  const unsteered = { control: undefined, variation: undefined, tile: undefined };
  return { ...commonOf(request), ...unsteered, count: 1, seed: randomSeed() };
}

function isOf(userId: string, value: unknown): value is Stored {
  return (value as Partial<Stored> | null)?.userId === userId;
}

/** Job ids sort by age. */
function older(job: string, other: string | undefined): string {
  return other !== undefined && other < job ? other : job;
}
