import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { RequestError } from '../../engine/errors.js';
import { type JobPainter, PainterDied } from '../painter/job-painter.js';
import type { JobPictures, Painted, PaintProgress } from '../painter/messages.js';
import { isLora, weightsOf } from '../request/weights.js';
import { workOf } from '../request/work.js';
import type { KeptOutcomes } from './kept-outcomes.js';
import { CHANNELS, jobOf, KEYS, queueOf } from './keys.js';
import { BULL_OPTIONS, type Link } from './link.js';
import { unpack, unsqueezed } from './parcel.js';
import { type Brought, bring } from './pictures.js';
import type { RemoteTimes } from './times.js';
import { type Announcement, FAILED, type FitOfSides, type Told, type Work, work as workSchema } from './wire.js';

/** A painter of this machine. */
export interface LocalPainter extends JobPainter {
  close(): Promise<void>;
}

export interface SlotParts {
  readonly name: string;
  readonly run: string;
  readonly fit: FitOfSides;
  readonly models: ReadonlyMap<string, string>;
  readonly link: Link;
  readonly times: RemoteTimes;
  readonly kept: KeptOutcomes;
  readonly log: Logger;
  /** Its state has changed. */
  readonly changed: (slot: Slot) => void;
}

/** Most bytes of a preview. */
const PREVIEW = 64 * 1024;
/** Of what is known of the pace, how much remains with each job. */
const FADING = 0.7;

class Interrupted extends Error {
  override name = 'Interrupted';
  constructor(readonly why: 'cancelled' | 'leaving' | 'lost') {
    super(why);
  }
}

/**
 * One painter in the service of a bot on another machine: takes what is in its queue, one job at a time, and brings the
 * outcome. The process around it only waits, so that BullMQ's locks are renewed in time.
 *
 * Invariant: an outcome that was painted is in Redis or on this machine's disk until it is in Redis.
 */
export class Slot {
  readonly #worker: Worker;
  readonly #end = new AbortController();
  #attempt: string | null = null;
  #abort: AbortController | null = null;
  #pace: number | null = null;
  #leaving = false;

  constructor(
    readonly painter: LocalPainter,
    private readonly parts: SlotParts,
  ) {
    const { link, times, log, name } = parts;
    const { Worker: BullWorker } = link.bull;
    this.#worker = new BullWorker(queueOf(name), (job: Job, token?: string) => this.#process(job, token), {
      ...BULL_OPTIONS,
      connection: link.connection as never,
      name,
      concurrency: 1,
      lockDuration: times.lock,
      stalledInterval: times.stalled,
      maxStalledCount: 0,
      drainDelay: Math.max(times.patience / 1000, 0.5),
      runRetryDelay: Math.min(times.patience, 1000),
    });
    this.#worker.on('error', (error) => {
      if (!this.#leaving) link.heard(error);
    });
    this.#worker.on('lockRenewalFailed', (attempts) => {
      if (this.#attempt === null || !attempts.includes(this.#attempt)) return;
      log.warn({ attempt: this.#attempt }, 'the lock on a job is lost, so another may paint it; it is given up here');
      this.#abort?.abort(new Interrupted('lost'));
    });
    this.#worker.on('failed', (job) => this.#tell({ kind: 'ended', attempt: job?.id ?? '' }));
  }

  get name(): string {
    return this.parts.name;
  }

  get announcement(): Announcement {
    const { name, run, fit, models } = this.parts;
    const { host, model = null, batch = 1, restarts = 0 } = this.painter;
    const state = this.#leaving ? 'leaving' : this.#attempt === null ? 'free' : 'busy';
    return {
      ...fit,
      ...{ name, host, run, model, batch, restarts, state },
      models: Object.fromEntries(models),
      pace: this.#pace,
      attempt: this.#attempt,
    };
  }

  /** Ends its job at the next step, if it has that one. */
  cancel(attempt: string): void {
    if (this.#attempt === attempt) this.#abort?.abort(new Interrupted('cancelled'));
  }

  /** Takes no more jobs, and gives back the one that it has: it is first in line at once, and no attempt is used. */
  async close(): Promise<void> {
    this.#leaving = true;
    this.parts.changed(this);
    this.#abort?.abort(new Interrupted('leaving'));
    this.#end.abort();
    await this.#worker.close();
    await this.painter.close();
  }

  async #process(job: Job, token: string | undefined): Promise<null> {
    const attempt = job.id!;
    const { log, link } = this.parts;
    const { data: work } = workSchema.safeParse(job.data);
    const unfit = work ? this.#unfitness(work) : 'it came from another version';
    if (!work || unfit !== null) throw new Error(`${FAILED.unfit}${this.name} cannot take the job: ${unfit}.`);
    const abort = new AbortController();
    this.#attempt = attempt;
    this.#abort = abort;
    this.parts.changed(this);
    const look = setInterval(() => void this.#lookForFlag(attempt), this.parts.times.progress);
    try {
      if (this.#leaving) throw new Interrupted('leaving');
      const [outcome, flag] = await link
        .ask(link.redis.mGet([KEYS.outcome(work.job), KEYS.cancelled(attempt)]))
        .catch(() => [null, null]);
      if (outcome) {
        this.#tell({ kind: 'ended', attempt });
        return null;
      }
      if (flag) throw new Interrupted('cancelled');
      const brought = await untilAborted(this.#outcomeOf(work, attempt, abort.signal), abort.signal);
      await this.#bring(work.job, attempt, brought);
      return null;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      log.info({ job: work.job, why: error.why }, 'a job was not painted to its end');
      if (error.why !== 'leaving')
        throw new Error(error.why === 'cancelled' ? FAILED.cancelled : `${FAILED.died}its lock was lost`);
      await job.moveToWait(token);
      this.#tell({ kind: 'ended', attempt });
      throw new link.bull.WaitingError();
    } finally {
      clearInterval(look);
      this.#attempt = null;
      this.#abort = null;
      this.parts.changed(this);
    }
  }

  #unfitness({ version, schema, safetyChecker, request }: Work): string | null {
    const own = this.parts.fit;
    if (version !== own.version) return `it came from Easel ${version}, and this is ${own.version}`;
    if (schema !== own.schema) return 'its requests are of another build';
    if (safetyChecker !== own.safetyChecker) return 'its SAFETY_CHECKER is set otherwise';
    const missing = weightsOf(request).find((name) => !isLora(name) && !this.parts.models.has(name));
    return missing === undefined ? null : `there is no ${missing}`;
  }

  /** Paints. @throws Interrupted; Error with a reason of {@link FAILED} if it may be tried again. */
  async #outcomeOf(work: Work, attempt: string, signal: AbortSignal): Promise<Brought> {
    const { request, locale, alone } = work;
    const { log } = this.parts;
    let began = performance.now();
    try {
      const pictures = await this.#picturesOf(work, attempt);
      const painted: Painted = await this.painter.paint(request, {
        job: jobOf(attempt),
        locale,
        alone,
        signal,
        ...(pictures && { pictures: async () => pictures }),
        onBegun: () => {
          began = performance.now();
          this.#tell({ kind: 'begun', attempt });
        },
        onProgress: this.#reporter(attempt),
      });
      const seconds = (performance.now() - began) / 1000;
      this.#learn(workOf(request), seconds);
      return { kind: 'painted', painted, by: this.name, seconds };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof RequestError) return { kind: 'refused', message: error.message, meaning: error.meaning };
      if (error instanceof PainterDied) throw new Error(`${FAILED.died}${error.message}`);
      log.error({ job: work.job, err: error }, 'a job failed');
      const { name, message, stack, code } = error as Error & { code?: unknown };
      return { kind: 'broken', name, message, ...(stack && { stack }), ...(typeof code === 'string' && { code }) };
    }
  }

  async #picturesOf({ pictures }: Work, attempt: string): Promise<JobPictures | null> {
    if (pictures === null) return null;
    const keys = Array.from({ length: pictures.bytes }, (_, index) => KEYS.source(attempt, index));
    const { link } = this.parts;
    const found = await link.ask(link.bytes(keys)).catch((cause: Error) => {
      throw new PainterDied(`The pictures to start from could not be read: ${cause.message}`, { cause });
    });
    if (found.includes(null)) throw new PainterDied('The pictures to start from are no longer in Redis.');
    return unpack(pictures.text, await Promise.all(found.map((bytes) => unsqueezed(bytes!)))) as JobPictures;
  }

  /** Brings it to Redis, however long that is away; meanwhile it is on the disk. */
  async #bring(job: string, attempt: string, brought: Brought): Promise<void> {
    const { link, times, kept, log } = this.parts;
    for (let tries = 0; ; tries++) {
      try {
        await bring(link, times, job, attempt, brought);
        this.#tell({ kind: 'ended', attempt });
        if (tries > 0) await kept.remove(attempt);
        return;
      } catch (err) {
        if (tries === 0) {
          await kept
            .save(attempt, brought)
            .catch((err) => log.error({ job, err }, 'pictures could not be kept on disk'));
          log.warn({ job, err }, 'Redis takes no pictures; they are kept here until it does');
        }
        // The next start brings them.
        if (this.#leaving) return;
        await sleep(times.announced / 3, undefined, { signal: this.#end.signal }).catch(() => {});
      }
    }
  }

  #reporter(attempt: string): (progress: PaintProgress) => void {
    let told = Number.NEGATIVE_INFINITY;
    let latest: Uint8Array | null = null;
    return ({ step, total, secondsLeft, preview }) => {
      if (preview !== null && preview.length <= PREVIEW) latest = preview;
      const now = performance.now();
      if (now - told < this.parts.times.progress) return;
      told = now;
      const shown = latest === null ? null : Buffer.from(latest).toString('base64');
      latest = null;
      this.#tell({ kind: 'progress', attempt, step, total, secondsLeft, preview: shown });
    };
  }

  #learn(work: number, seconds: number): void {
    if (seconds <= 0) return;
    const now = work / seconds;
    this.#pace = this.#pace === null ? now : FADING * this.#pace + (1 - FADING) * now;
  }

  async #lookForFlag(attempt: string): Promise<void> {
    const { redis } = this.parts.link;
    const flag = await redis.exists(KEYS.cancelled(attempt)).catch(() => 0);
    if (flag) this.cancel(attempt);
  }

  #tell(message: Told): void {
    void this.parts.link.redis.publish(CHANNELS.told, JSON.stringify(message)).catch(() => {});
  }
}

export const newRun = (): string => randomUUID();

/** Does not wait for the end of a step when the painter leaves or has lost the job. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(resolve, reject);
    const abort = () => {
      // A cancelled job ends with its step, so that the painter is really free.
      if (!(signal.reason instanceof Interrupted && signal.reason.why === 'cancelled')) reject(signal.reason);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  });
}
