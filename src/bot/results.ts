import type Keyv from 'keyv';
import { z } from 'zod';
import type { Job, PaintRequest } from './job.js';
import { paintRequest } from './paint-request.js';

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
  /** Which picture of which other job it came from. */
  parent: z.object({ job: z.string(), index: z.number() }).optional(),
});

/** What lies behind a message of the bot, for as long as the message may live. */
export type ResultRecord = z.infer<typeof recordSchema>;

export interface Found {
  readonly job: string;
  readonly record: ResultRecord;
}

/** The requests behind the bot's messages, by job. A record of an older or broken form counts as gone. */
export class Results {
  constructor(private readonly store: Keyv) {}

  async get(job: string): Promise<ResultRecord | null> {
    return recordSchema.safeParse(await this.store.get(job)).data ?? null;
  }

  async remember({ id, request, origin, createdAt }: Job, parent?: ResultRecord['parent']): Promise<void> {
    const { userId, guildId, channelId, locale } = origin;
    const record: ResultRecord = {
      request: { ...request },
      userId,
      guildId,
      channelId,
      messageId: null,
      createdAt,
      locale,
      shown: 0,
      parent,
    };
    await this.store.set(id, record);
  }

  /** @param shown pictures in the message; 0 while it only says where the job stands. */
  async posted(job: string, messageId: string, channelId: string, shown = 0): Promise<void> {
    const record = await this.get(job);
    if (!record) return;
    await this.store.set(job, { ...record, messageId, channelId, shown });
    await this.store.set(`message:${messageId}`, job);
    if (shown > 0) await this.store.set(`latest:${record.userId}:${record.channelId}`, job);
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

  async #found(job: string | undefined): Promise<Found | null> {
    const record = job === undefined ? null : await this.get(job);
    return record && { job: job!, record };
  }
}

/** The request again, with another seed. */
export function withNewSeed(request: PaintRequest): PaintRequest {
  return { ...request, seed: randomSeed() };
}

export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
