import type Keyv from 'keyv';
import { z } from 'zod';
import type { Job } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import { paintRequest } from '../request/paint-request.js';
import { deleteAll, scan } from './scan.js';
import { SerialByKey } from './serial-by-key.js';

const recordSchema = z.object({
  request: paintRequest,
  userId: z.string(),
  guildId: z.string().nullable(),
  channelId: z.string(),
  /** The message that shows it; null until there is one. */
  messageId: z.string().nullable(),
  createdAt: z.number(),
  /** That it was told in. */
  locale: z.string().optional(),
  /** Pictures that it shows: those that were flagged are not among them. */
  shown: z.number().default(0),
  /** Numbers, from 1, of those that it shows although the safety checker found them; records of earlier versions do not say. */
  flagged: z.array(z.number()).optional(),
  /** Only its user sees the message. */
  hidden: z.boolean().default(false),
  /** Which picture of which other job it came from. */
  parent: z.object({ job: z.string(), index: z.number() }).optional(),
  /** Its message was removed, or is about to be. */
  removing: z.boolean().optional(),
});

/** What lies behind a message of the bot, for as long as the message may live. */
export type ResultRecord = z.infer<typeof recordSchema>;

/** Where a button was pressed or a form sent: what Discord says, not what its custom id does. */
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
  readonly request?: { readonly source?: string; readonly mask?: string; readonly count?: number };
}

/** What the store has of one user's results. */
export interface Traces {
  readonly jobs: ReadonlySet<string>;
  /** Keys that lead from messages and channels to the jobs. */
  readonly pointers: readonly string[];
  /** Keys of uploaded pictures. */
  readonly uploads: ReadonlySet<string>;
}

/**
 * The requests behind the bot's messages, by job. A record of an older or broken form counts as gone.
 *
 * A result can be removed as soon as Discord shows it, before it is written down which message does: what changes a record
 * reads and writes it in one turn, so that neither undoes the other.
 */
export class Results {
  readonly #turns = new SerialByKey();

  constructor(private readonly store: Keyv) {}

  async get(job: string): Promise<ResultRecord | null> {
    return recordSchema.safeParse(await this.store.get(job)).data ?? null;
  }

  /**
   * The record of the job that a custom id names, if it is its message that was pressed, where that stands, by somebody who
   * sees it: custom ids can be made up, and what a record holds is for its own place alone.
   */
  async behindPress(job: string, { userId, guildId, channelId, messageId }: Pressed): Promise<ResultRecord | null> {
    const record = await this.get(job);
    if (!record || messageId === undefined) return null;
    // What could not be answered where it was asked for is in a direct message: a channel of nobody else.
    const here = record.channelId === channelId && (guildId === null || record.guildId === guildId);
    const mine = !record.hidden || record.userId === userId;
    return here && mine && record.messageId === messageId ? record : null;
  }

  async remember({ id, request, origin, createdAt }: Job, parent?: ResultRecord['parent']): Promise<void> {
    const { userId, guildId, channelId, locale, ephemeral: hidden } = origin;
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
      parent,
    };
    await this.store.set(id, record);
  }

  /** @param shown pictures in the message; 0 while it only says where the job stands. @param flagged which of them were found, once that is known. */
  async posted(
    job: string,
    messageId: string,
    channelId: string,
    shown = 0,
    flagged?: readonly number[],
  ): Promise<void> {
    await this.#turns.run(job, async () => {
      const record = await this.get(job);
      if (!record) return;
      await this.store.set(job, { ...record, messageId, channelId, shown, flagged });
      await this.store.set(`message:${messageId}`, job);
      if (shown > 0) await this.store.set(`latest:${record.userId}:${record.channelId}`, job);
    });
  }

  /** The newest result that a user got in a channel. */
  async latest(userId: string, channelId: string): Promise<Found | null> {
    return this.#found(await this.store.get<string>(`latest:${userId}:${channelId}`));
  }

  /** What a message shows or is going to show; null for messages that are not the bot's, so that those are never fetched. */
  async behind(messageId: string): Promise<ResultRecord | null> {
    return (await this.ofMessage(messageId))?.record ?? null;
  }

  /** As behind, with the job. */
  async ofMessage(messageId: string): Promise<Found | null> {
    return this.#found(await this.store.get<string>(`message:${messageId}`));
  }

  /** Says before a result's message is removed that it will be: an end of the process in between leaves something to find. */
  async removing(job: string, removing = true): Promise<void> {
    await this.#turns.run(job, async () => {
      const record = await this.get(job);
      if (record) await this.store.set(job, { ...record, removing: removing || undefined });
    });
  }

  /** Forgets a result whose message was removed, what was asked for first. */
  async remove({ job, record: { userId, channelId, messageId } }: Found): Promise<void> {
    await this.#turns.run(job, async () => {
      await this.store.delete(job);
      await this.store.delete(`message:${messageId}`);
      const latest = `latest:${userId}:${channelId}`;
      if ((await this.store.get(latest)) === job) await this.store.delete(latest);
    });
  }

  /** Whether somebody removed it, or is about to: it is not to be shown again. */
  async isRemoved(job: string): Promise<boolean> {
    const record = await this.store.get<Stored>(job);
    return record === undefined || record.removing === true;
  }

  /** Everything: records of any version by job, and the jobs that pointers lead to. */
  entries(): AsyncGenerator<[key: string, value: unknown]> {
    return scan(this.store);
  }

  /** A user's records as they are stored, also those of an older form. */
  async *ofUser(userId: string): AsyncGenerator<[job: string, record: Stored]> {
    for await (const [key, value] of scan(this.store)) if (isOf(userId, value)) yield [key, value];
  }

  /**
   * All that the store has of a user's results. Keys of pictures that another user's older result started from are not
   * among them: the upload was that user's.
   */
  async traces(userId: string): Promise<Traces> {
    const jobs = new Set<string>();
    const uploads = new Map<string, string>();
    for await (const [job, record] of this.ofUser(userId)) {
      jobs.add(job);
      for (const key of sourcesOf(record)) {
        // Only what was uploaded: the other keys are of results, and those are found by their jobs.
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

  /** Forgets what was found; the records last, so that what an interruption left is found again. */
  async forget({ jobs, pointers }: { jobs: Iterable<string>; pointers: Iterable<string> }): Promise<void> {
    await deleteAll(this.store, pointers);
    await deleteAll(this.store, jobs);
  }

  async #found(job: string | undefined): Promise<Found | null> {
    const record = job === undefined ? null : await this.get(job);
    return record && { job: job!, record };
  }
}

/** Whether a key leads to a job; else it is one. */
export function isPointer(key: string): boolean {
  return key.includes(':');
}

/** Keys of the pictures that something started from: an upload's or a result's. */
export function sourcesOf(started: Pick<Stored, 'request'> | null | undefined): string[] {
  const { source, mask } = started?.request ?? {};
  return [source, mask].filter((key) => key !== undefined);
}

/** The request again, with another seed. */
export function withNewSeed(request: PaintRequest): PaintRequest {
  return { ...request, seed: randomSeed() };
}

export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

function isOf(userId: string, value: unknown): value is Stored {
  return (value as Partial<Stored> | null)?.userId === userId;
}

/** Job ids sort by age. */
function older(job: string, other: string | undefined): string {
  return other !== undefined && other < job ? other : job;
}
