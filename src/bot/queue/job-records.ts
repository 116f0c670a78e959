import type Keyv from 'keyv';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Job } from '../request/job.js';
import { paintRequest } from '../request/paint-request.js';
import { scan } from '../storage/scan.js';
import { told } from './outcomes.js';

const origin = z.object({
  applicationId: z.string(),
  token: z.string().optional(),
  tokenExpiresAt: z.number().optional(),
  channelId: z.string(),
  guildId: z.string().nullable(),
  userId: z.string(),
  locale: z.string(),
  ephemeral: z.boolean(),
  spoiler: z.boolean(),
  attachmentSizeLimit: z.number(),
  replyTo: z.string().nullable().default(null),
  userInstalled: z.boolean(),
});

const schema = z.object({
  id: z.string().regex(/^[\w-]+$/),
  request: paintRequest,
  origin: z.preprocess(withoutEmptyToken, origin),
  createdAt: z.number(),
  work: z.number().nonnegative(),
  notices: z.array(told).optional(),
  attempts: z.number().int().nonnegative(),
}) satisfies z.ZodType<Job>;

/** Every job that was acknowledged and not yet delivered, in the store. */
export class JobRecords {
  constructor(
    private readonly store: Keyv,
    private readonly log: Logger,
  ) {}

  /** @throws if the store did not save it. */
  async save(job: Job): Promise<void> {
    if (!(await this.store.set(job.id, job))) throw new Error('The store did not keep the job.');
  }

  async remove(id: string): Promise<void> {
    await this.store.delete(id);
  }

  /**
   * All of them, oldest first. Unreadable ones are logged and dropped, so that they do not hold up the others.
   *
   * @throws if the store fails part-way, because missing jobs would count as delivered.
   */
  async load(): Promise<Job[]> {
    const jobs: Job[] = [];
    const broken: string[] = [];
    for await (const [key, value] of scan(this.store)) {
      const parsed = schema.safeParse(value);
      if (parsed.success && parsed.data.id === key) jobs.push(parsed.data);
      else broken.push(key);
    }
    for (const key of broken) {
      this.log.error({ job: key }, 'a waiting job cannot be read and is dropped: was the store damaged?');
      await this.store.delete(key);
    }
    return jobs.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }
}

/** Earlier versions wrote an empty token for none. */
function withoutEmptyToken(origin: unknown): unknown {
  const { token, tokenExpiresAt, ...rest } = Object(origin);
  return token === '' ? rest : origin;
}
