import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { RequestError } from '../../engine/errors.js';
import { type AdmissionNeeds, checkRequest } from '../intake/admission.js';
import { newJob } from '../intake/enqueue.js';
import type { Jobs } from '../queue/jobs.js';
import { API_PLACE, type Job, type JobOrigin, type JobProgress, type Outcome } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import type { GuildSettings } from '../rules/settings.js';
import { Refusal } from '../text/refusal.js';
import { ApiError, apiErrorOf } from './api-error.js';

export type PaintedOutcome = Extract<Outcome, { kind: 'painted' }>;

export interface DeskNeeds extends Omit<AdmissionNeeds, 'config'> {
  readonly jobs: Jobs;
  readonly settings: Pick<GuildSettings, 'of'>;
  readonly config: Pick<Config, 'maxWork'>;
  readonly log: Logger;
}

/** A job that somebody waits for at the other end of a connection. */
export interface Held {
  readonly job: Job;
  /** Milliseconds since the epoch; 0 while it waits. */
  startedAt: number;
  progress: JobProgress | null;
  /** The latest there was. */
  preview: Uint8Array | null;
  readonly settle: (outcome: Outcome) => void;
}

/** Nobody in Discord is told of it. */
const ORIGIN: JobOrigin = {
  applicationId: API_PLACE,
  channelId: API_PLACE,
  guildId: API_PLACE,
  userId: API_PLACE,
  locale: 'en',
  ephemeral: true,
  spoiler: false,
  attachmentSizeLimit: 0,
  replyTo: null,
  userInstalled: false,
};

/**
 * Takes requests that came over HTTP, through one of its interfaces, to the queue that everybody shares, and waits for what becomes of them. Whoever goes
 * away takes their job along.
 *
 * Invariant: #held has the jobs whose connection is open.
 */
export class Desk {
  readonly #held = new Map<string, Held>();
  #closed = false;

  constructor(private readonly needs: DeskNeeds) {
    const { jobs } = needs;
    jobs.events.on('started', ({ id }) => {
      const held = this.#held.get(id);
      if (held) held.startedAt = Date.now();
    });
    jobs.events.on('progress', ({ id }, progress) => {
      const held = this.#held.get(id);
      if (!held) return;
      held.progress = progress;
      held.preview = progress.preview ?? held.preview;
    });
  }

  /** Those that are waited for, in the order of their turns. */
  get held(): readonly Held[] {
    const order = this.needs.jobs.list();
    return order.flatMap(({ id }) => this.#held.get(id) ?? []);
  }

  /**
   * Has a request painted, after all others whose turn comes first.
   *
   * @param signal aborted when nobody waits any more.
   * @throws Refusal, RequestError or ApiError for whoever asked.
   */
  async paint(asked: PaintRequest, signal: AbortSignal): Promise<PaintedOutcome> {
    const { jobs, limits, settings } = this.needs;
    if (this.#closed) throw new Refusal('stopping');
    if (signal.aborted) throw new Gone();
    const request = { ...asked, prompt: asked.prompt.trim() };
    await checkRequest(this.needs, await settings.of(API_PLACE), request);
    const grant = await limits.take({ userId: null, guildId: API_PLACE, pictures: request.count });
    if (!grant.ok && grant.who === 'nobody') {
      throw new ApiError(
        400,
        `That would be ${request.count} pictures at once, and the limit is ${grant.limit} an hour.`,
      );
    }
    if (!grant.ok) {
      throw new ApiError(429, 'This hour has had as many pictures as it may.', {
        code: 'rate_limit_exceeded',
        retryAfter: (grant.retryAt - Date.now()) / 1000,
      });
    }
    const job = newJob(request, ORIGIN);
    const ended = new Promise<Outcome>((settle) => {
      this.#held.set(job.id, { job, startedAt: 0, progress: null, preview: null, settle });
    });
    const leave = () => void jobs.cancel(job.id);
    try {
      await jobs.submit(job);
    } catch (error) {
      this.#held.delete(job.id);
      await grant
        .refund()
        .catch((err) => this.needs.log.warn({ err }, 'what a request took of an hour was not given back'));
      throw error instanceof Refusal ? this.#withTime(error, request) : error;
    }
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    try {
      return this.#painted(await ended, signal);
    } finally {
      signal.removeEventListener('abort', leave);
      this.#held.delete(job.id);
    }
  }

  /** How a job of the API ended, from the queue. */
  deliver({ id }: Job, outcome: Outcome): void {
    this.#held.get(id)?.settle(outcome);
  }

  /** Cancels what is being painted, whoever asked for it. */
  async interrupt(): Promise<void> {
    const running = this.held.filter(({ startedAt }) => startedAt > 0);
    await Promise.all(running.map(({ job }) => this.needs.jobs.cancel(job.id)));
  }

  /** Takes nothing more; whoever waits is told that the server stops. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#held.values()].map(({ job }) => this.needs.jobs.cancel(job.id)));
  }

  #painted(outcome: Outcome, signal: AbortSignal): PaintedOutcome {
    if (outcome.kind === 'painted') return outcome;
    if (signal.aborted) throw new Gone();
    if (outcome.kind === 'cancelled') {
      if (this.#closed) throw new Refusal('stopping');
      throw new Interrupted();
    }
    const { message, meaning, id } = outcome;
    if (message !== null && meaning) throw new RequestError(message, { meaning });
    throw new ApiError(500, `Something went wrong. The operator finds it in the log as ${id}.`);
  }

  /** When a queue that is full has a place again: about as long as one request takes. */
  #withTime(refusal: Refusal, request: PaintRequest): Error {
    const full = refusal.key === 'userQueue' || refusal.key === 'guildQueue';
    if (!full) return refusal;
    const seconds = this.needs.jobs.estimate(request) ?? 1;
    const { status, message, details } = apiErrorOf(refusal)!;
    return new ApiError(status, message, { ...details, retryAfter: Math.min(60, seconds) });
  }
}

/** Nobody reads this; nginx has the number for it. */
class Gone extends ApiError {
  constructor() {
    super(499 as ContentfulStatusCode, 'Nobody waits for the answer any more.');
  }
}

/** Somebody asked for it to stop. */
export class Interrupted extends ApiError {
  constructor() {
    super(409, 'The request was interrupted.', { code: 'interrupted' });
  }
}
