import type Keyv from 'keyv';
import { z } from 'zod';
import { scan } from '../storage/scan.js';

/** Milliseconds a member may take to confirm a preview. */
const LIFETIME = 60 * 60 * 1000;

const attachment = z.object({ url: z.string(), size: z.number() });

const schema = z.discriminatedUnion('stage', [
  /** The form is open: the pictures of the message it belongs to. */
  z.object({
    stage: z.literal('asked'),
    userId: z.string(),
    guildId: z.string(),
    /** The bot's own result, or the pictures of any other message, whose addresses work for a day. */
    job: z.string().nullable(),
    attachments: z.array(attachment),
  }),
  /** The preview is shown: everything to be uploaded when it is confirmed. */
  z.object({
    stage: z.literal('shown'),
    userId: z.string(),
    guildId: z.string(),
    kind: z.enum(['emoji', 'sticker']),
    name: z.string(),
    description: z.string(),
  }),
]);

export type Draft = z.infer<typeof schema>;
export type Asked = Extract<Draft, { stage: 'asked' }>;
export type Shown = Extract<Draft, { stage: 'shown' }>;

/** Emojis and stickers that were requested but not yet confirmed, in the store, so that they survive a restart. */
export class Drafts {
  constructor(private readonly store: Keyv) {}

  async keep(id: string, draft: Draft): Promise<void> {
    await this.store.set(id, draft, LIFETIME);
  }

  async get<S extends Draft['stage']>(id: string, stage: S): Promise<Extract<Draft, { stage: S }> | null> {
    const draft = schema.safeParse(await this.store.get(id)).data;
    return draft?.stage === stage ? (draft as Extract<Draft, { stage: S }>) : null;
  }

  /**
   * Ids of all that have not expired. Afterwards the expired ones are gone from the store: Redis deletes them by
   * itself, Keyv and our SQLite store when they iterate over them.
   */
  async ids(): Promise<Set<string>> {
    const ids = new Set<string>();
    for await (const [id] of scan(this.store)) ids.add(id);
    return ids;
  }

  /** The drafts of one user. */
  async *ofUser(userId: string): AsyncGenerator<[id: string, draft: Draft]> {
    for await (const [id, value] of scan(this.store)) {
      const draft = schema.safeParse(value).data;
      if (draft?.userId === userId) yield [id, draft];
    }
  }

  /** @returns whether it was still there: of two presses at once, only one gets it. */
  take(id: string): Promise<boolean> {
    return this.store.delete(id);
  }
}

/** The key of a draft's picture in the cache; it is written after the draft. */
export function draftPicture(id: string): string {
  return `draft-${id}.png`;
}

/** @returns the id of the draft that a picture belongs to; null for other pictures. */
export function draftOf(key: string): string | null {
  return /^draft-(.+)\.png$/.exec(key)?.[1] ?? null;
}
