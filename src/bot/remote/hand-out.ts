import type { Job, Queue } from 'bullmq';
import type { Logger } from 'pino';
import { RequestError } from '../../engine/errors.js';
import { type PaintCall, PainterAway, PainterDied } from '../painter/job-painter.js';
import type { JobPictures, Painted } from '../painter/messages.js';
import type { PaintRequest } from '../request/paint-request.js';
import { workOf } from '../request/work.js';
import { parsed } from '../storage/parsed.js';
import { attemptOf, KEYS, lockOf, pictureKeys } from './keys.js';
import type { Link } from './link.js';
import { pack, squeezed } from './parcel.js';
import { DEADLINE_FACTOR, type RemoteTimes } from './times.js';
import {
  type Announcement,
  FAILED,
  type FitOfSides,
  paintedIn,
  type RemoteOutcome,
  remoteOutcome,
  type Told,
  type Work,
} from './wire.js';

export interface HandOutParts {
  readonly link: Link;
  readonly log: Logger;
  readonly times: RemoteTimes;
  readonly fit: FitOfSides;
  /** Widths and heights are multiples of this many pixels. */
  readonly sizeStep: number;
  queueOf(painter: string): Queue;
  /** As it announced itself last; undefined once it is gone. */
  living(painter: string): Announcement | undefined;
  cancel(attempt: string): Promise<void>;
}

/** Most times that one attempt is added again after Redis had lost it. */
const MOST_SENT = 5;

/**
 * One attempt at a job, from the bot's hands into a painter's and back. It is attached again if it is there already, from
 * before a restart of the bot.
 *
 * Invariants: it settles once. What Redis says counts, and messages only hasten a look; the outcome counts before the
 * state of the attempt, which may be lost.
 */
export class HandOut {
  readonly attempt: string;
  readonly #job: string;
  #settle!: { resolve(painted: Painted): void; reject(error: unknown): void };
  readonly #result = new Promise<Painted>((resolve, reject) => {
    this.#settle = { resolve, reject };
  });
  #settled = false;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #sent = 0;
  #sentAt = 0;
  #begun = false;
  /** The bot stops, and the painter goes on. */
  #left = false;
  #pictures: { text: string; bytes: Uint8Array[] } | null | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #recheck: NodeJS.Timeout | undefined;

  /** @param painter to which it goes. */
  constructor(
    private painter: string,
    private readonly request: PaintRequest,
    private readonly call: PaintCall & { job: { id: string; attempts: number } },
    private readonly parts: HandOutParts,
  ) {
    this.#job = call.job.id;
    this.attempt = attemptOf(call.job);
    this.#result.catch(() => {});
  }

  /** The painter that has it. */
  get by(): string {
    return this.painter;
  }

  /** @throws as JobPainter's paint. @param leaves whether that reason for an abort leaves the job to the painter. */
  async run(leaves: (reason: unknown) => boolean): Promise<Painted> {
    const { signal } = this.call;
    signal?.throwIfAborted();
    const abort = () => {
      this.#left = leaves(signal!.reason);
      if (this.#left) this.#reject(signal!.reason);
      else void this.#cancel(signal!.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      if (!(await this.#attach())) await this.#send();
      return await this.#result;
    } catch (error) {
      // Whatever Redis says, it is not the job's fault.
      if (this.#settled || error instanceof RequestError || signal?.aborted) throw error;
      throw new PainterAway(`The job could not be handed out: ${(error as Error).message}`, { cause: error });
    } finally {
      this.#settled = true;
      clearTimeout(this.#deadline);
      clearTimeout(this.#recheck);
      signal?.removeEventListener('abort', abort);
      this.#clean();
    }
  }

  told(message: Told): void {
    if (this.#settled) return;
    if (message.kind === 'begun') this.#begin();
    else if (message.kind === 'ended') void this.look();
    else if (message.kind === 'progress') {
      this.#begin();
      const { step, total, secondsLeft, preview } = message;
      this.call.onProgress?.({
        step,
        total,
        secondsLeft,
        preview: preview === null ? null : Buffer.from(preview, 'base64'),
      });
    }
  }

  /** Looks at what Redis knows of it, and acts on that. Never throws. */
  look(): Promise<void> {
    this.#lookAgain = true;
    this.#looking ??= this.#lookWhileAsked().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#lookAgain && !this.#settled) {
      this.#lookAgain = false;
      await this.#look().catch((err) => {
        // The next look comes with Redis, or with the watch.
        this.parts.log.debug({ job: this.#job, err }, 'a job on another machine could not be looked at');
      });
    }
  }

  async #look(): Promise<void> {
    // Its pictures are still being decoded.
    if (this.#sentAt === 0) return;
    if (await this.#takeOutcome()) return;
    const queue = this.#queue;
    const state = await this.#ask(queue.getJobState(this.attempt));
    const living = this.parts.living(this.painter);
    switch (state) {
      case 'active':
        if (await this.#isLocked()) return this.#recheckWhenUnlocked(living);
        // It may have ended between the two questions.
        if (await this.#takeOutcome()) return;
        if ((await this.#ask(queue.getJobState(this.attempt))) !== 'active' || (await this.#isLocked()))
          return this.#soon();
        return this.#takeBack(new PainterDied(`${this.painter} was lost while it painted.`));
      case 'failed': {
        const job = await this.#ask(queue.getJob(this.attempt));
        const error = this.#failureOf(job);
        await this.#ask(queue.remove(this.attempt));
        return this.#reject(error);
      }
      case 'completed':
      case 'unknown':
        if (await this.#takeOutcome()) return;
        // Redis was emptied, or has lost its last second.
        if (state === 'completed') await this.#ask(queue.remove(this.attempt));
        if (!living) return this.#reject(new PainterAway(`${this.painter} is gone.`));
        if (this.#sent >= MOST_SENT) return this.#reject(new PainterDied('Redis lost the job again and again.'));
        this.parts.log.warn({ job: this.#job, painter: this.painter }, 'Redis has lost a job; it is handed out again');
        return this.#send();
      default: {
        const job = await this.#ask(queue.getJob(this.attempt));
        if ((job?.stalledCounter ?? 0) > 0)
          return this.#takeBack(new PainterDied(`${this.painter} was lost while it painted.`));
        const idle = living?.state === 'free' && performance.now() - this.#sentAt > this.parts.times.lock;
        if (living && living.state !== 'leaving' && !idle) return;
        return this.#takeBack(new PainterAway(`${this.painter} ${living ? 'does not take the job' : 'is gone'}.`));
      }
    }
  }

  /** @returns whether it is on its way already. */
  async #attach(): Promise<boolean> {
    const { redis } = this.parts.link;
    if (await this.#takeOutcome()) return true;
    const at = await this.#ask(redis.get(KEYS.at(this.attempt)));
    if (at === null) return false;
    const state = await this.#ask(this.parts.queueOf(at).getJobState(this.attempt));
    if (state === 'unknown') return false;
    this.painter = at;
    this.#sentAt = performance.now();
    if (state === 'active' && this.parts.living(at)) this.#begin();
    void this.look();
    return true;
  }

  async #send(): Promise<void> {
    const { link, fit, times } = this.parts;
    const { locale = 'en-US', alone = false } = this.call;
    if (this.#pictures === undefined) this.#pictures = await this.#packed();
    if (this.#settled) return;
    const pictures = this.#pictures;
    const data: Work = {
      ...fit,
      job: this.#job,
      request: this.request,
      locale,
      alone,
      pictures: pictures && { text: pictures.text, bytes: pictures.bytes.length },
    };
    const keep = { expiration: { type: 'PX', value: times.kept } } as const;
    const before = link.redis.multi().set(KEYS.at(this.attempt), this.painter, keep);
    for (const [index, bytes] of (pictures?.bytes ?? []).entries()) {
      before.set(KEYS.source(this.attempt, index), Buffer.from(bytes), keep);
    }
    this.#sent++;
    this.#sentAt = performance.now();
    const kept = { age: times.remembered / 1000 };
    // In this order on one connection.
    await this.#ask(
      Promise.all([
        before.exec(),
        this.#queue.add('paint', data, {
          jobId: this.attempt,
          attempts: 1,
          removeOnComplete: true,
          removeOnFail: kept,
          stackTraceLimit: 1,
        }),
      ]),
    );
  }

  async #packed(): Promise<{ text: string; bytes: Uint8Array[] } | null> {
    const pictures: JobPictures | undefined = await this.call.pictures?.(this.parts.sizeStep);
    if (!pictures) return null;
    const { text, bytes } = pack(pictures);
    return { text, bytes: await Promise.all(bytes.map(squeezed)) };
  }

  async #takeOutcome(): Promise<boolean> {
    const { link } = this.parts;
    const text = await this.#ask(link.redis.get(KEYS.outcome(this.#job)));
    if (text === null) return false;
    const outcome = parsed<RemoteOutcome>(remoteOutcome, text);
    if (outcome === null) return this.#discard([]);
    if (outcome.kind === 'gone') {
      // Of a job with this id that was delivered before; nobody waits for that.
      await this.#ask(link.redis.del(KEYS.outcome(this.#job)));
      return false;
    }
    if (outcome.kind === 'painted') {
      const keys = pictureKeys(outcome.attempt, outcome.pictures);
      const painted = paintedIn(outcome.painted, await this.#ask(link.bytes(keys)));
      if (painted === null) return this.#discard(keys);
      this.#resolve({ ...painted, by: outcome.by, ...(outcome.seconds !== undefined && { seconds: outcome.seconds }) });
    } else if (outcome.kind === 'refused') {
      this.#reject(new RequestError(outcome.message, { meaning: outcome.meaning }));
    } else {
      const { name, message, stack, code } = outcome;
      this.#reject(Object.assign(new Error(message), { name, ...(stack && { stack }), ...(code && { code }) }));
    }
    // Another attempt, or another painter with the same one, may still be at it.
    if (outcome.attempt !== this.attempt || this.#sent > 1) void this.#withdraw().catch(() => {});
    return true;
  }

  /** It is of another version, or its pictures have expired. While it is there, no painter begins with the job. */
  async #discard(pictures: readonly string[]): Promise<false> {
    this.parts.log.warn({ job: this.#job }, 'an outcome in Redis cannot be read; the job is painted again');
    await this.#ask(this.parts.link.redis.del([KEYS.outcome(this.#job), ...pictures]));
    return false;
  }

  #failureOf(job: Job | undefined): Error {
    const reason = job?.failedReason ?? '';
    if (reason === FAILED.cancelled && this.call.signal?.aborted) return this.call.signal.reason;
    if (reason.startsWith(FAILED.unfit)) return new PainterAway(reason.slice(FAILED.unfit.length));
    if (reason.startsWith(FAILED.died)) return new PainterDied(reason.slice(FAILED.died.length));
    return new PainterDied(`${this.painter}: ${reason || 'failed without a reason'}.`);
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    const { leastDeadline, allowance, unknownDeadline } = this.parts.times;
    const pace = this.parts.living(this.painter)?.pace ?? null;
    const worked = pace === null ? unknownDeadline : allowance + (DEADLINE_FACTOR * 1000 * workOf(this.request)) / pace;
    const most = Math.min(Math.max(leastDeadline, worked), 2 ** 31 - 1);
    this.#deadline = setTimeout(() => {
      this.parts.log.error(
        { job: this.#job, painter: this.painter, seconds: most / 1000 },
        'a job took too long; it is taken back',
      );
      this.#reject(new PainterDied(`${this.painter} took more than ${Math.round(most / 1000)} s.`));
      void this.#withdraw().catch(() => {});
    }, most);
    this.call.onBegun?.();
  }

  /** Waits for the end of the step, so that the painter is free when this is over. */
  async #cancel(reason: unknown): Promise<void> {
    this.#recheck = setTimeout(() => this.#reject(reason), this.parts.times.grace);
    // If Redis is away, the painter finds the flag when it is back, or paints for nothing.
    const removed = await this.#withdraw().catch(() => true);
    if (removed) this.#reject(reason);
    else void this.look();
  }

  /** @returns whether no painter has begun with it. */
  async #withdraw(): Promise<boolean> {
    await this.#ask(this.parts.cancel(this.attempt));
    return (await this.#ask(this.#queue.remove(this.attempt))) === 1;
  }

  async #takeBack(error: Error): Promise<void> {
    if ((await this.#ask(this.#queue.remove(this.attempt))) !== 1) return this.#soon();
    if (error instanceof PainterDied) await this.#ask(this.parts.cancel(this.attempt));
    this.#reject(error);
  }

  async #isLocked(): Promise<boolean> {
    return (await this.#ask(this.parts.link.redis.exists(lockOf(this.painter, this.attempt)))) === 1;
  }

  /** If its painter is gone, nobody tells when the lock ends. */
  async #recheckWhenUnlocked(living: Announcement | undefined): Promise<void> {
    if (living?.attempt === this.attempt || this.call.signal?.aborted) return;
    const left = await this.#ask(this.parts.link.redis.pTTL(lockOf(this.painter, this.attempt)));
    clearTimeout(this.#recheck);
    this.#recheck = setTimeout(() => void this.look(), Math.max(left, 0) + 50);
  }

  #soon(): void {
    if (this.call.signal?.aborted) return;
    clearTimeout(this.#recheck);
    this.#recheck = setTimeout(() => void this.look(), 200);
  }

  #resolve(painted: Painted): void {
    this.#settled = true;
    this.#settle.resolve(painted);
  }

  #reject(error: unknown): void {
    this.#settled = true;
    this.#settle.reject(error);
  }

  /** What only this attempt needed. It would expire otherwise. */
  #clean(): void {
    if (this.#left) return;
    const keys = Array.from({ length: this.#pictures?.bytes.length ?? 0 }, (_, index) =>
      KEYS.source(this.attempt, index),
    );
    void this.parts.link.redis.del([KEYS.at(this.attempt), ...keys]).catch(() => {});
  }

  get #queue(): Queue {
    return this.parts.queueOf(this.painter);
  }

  #ask<T>(answer: Promise<T>): Promise<T> {
    return this.parts.link.ask(answer);
  }
}
