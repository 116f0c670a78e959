import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import PQueue from 'p-queue';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { EaselError } from '../../engine/errors.js';
import { type Painter, PainterDied } from '../painter/painter.js';
import type { Deliver, Job, JobProgress, JobQueue, Outcome, PaintRequest, Ticket } from '../request/job.js';
import { workOf } from '../request/work.js';
import type { Pictures } from '../storage/pictures.js';
import type { Store } from '../storage/store.js';
import { Refusal } from '../text/refusal.js';
import { Deliveries } from './deliveries.js';
import { type FairOptions, FairQueue } from './fair-queue.js';
import { JobRecords } from './job-records.js';
import { Outcomes } from './outcomes.js';
import { Pace } from './pace.js';
import { fullFor } from './places.js';

/** A job that the painter died on this often is not tried again. */
const MAX_ATTEMPTS = 2;
/** Of shutdown's time, milliseconds kept for what comes after painting: delivering, or giving the job back. */
const RESERVE = 4000;
const PACE = 'pace';

export interface JobsOptions {
  config: Pick<Config, 'dataDir' | 'userQueue' | 'guildQueue'>;
  store: Store;
  painter: Painter;
  pictures: Pictures;
  log: Logger;
}

/** What happened, for metrics and logs; listeners get the job and, where there is one, seconds. */
export interface JobEvents {
  queued: [job: Job];
  /** `waited` seconds since it was asked for. */
  started: [job: Job, waited: number];
  progress: [job: Job, progress: JobProgress];
  painted: [job: Job, seconds: number];
  failed: [job: Job, error: unknown];
  cancelled: [job: Job];
  delivered: [job: Job];
  moved: [];
}

interface Entry {
  readonly job: Job;
  readonly abort: AbortController;
  /** `saving` is being written down; `ended` has an outcome that is, and cannot be cancelled any more. */
  state: 'saving' | 'waiting' | 'running' | 'ended';
  /** The outcome is on its way to the disk: the first one stays. */
  kept: Promise<void> | null;
  /** Milliseconds since the epoch. */
  startedAt: number;
  secondsLeft: number | null;
}

const CANCELLED: Outcome = { kind: 'cancelled' };

class Cancelled extends Error {}
class Stopping extends Error {}

/**
 * The queue in front of the painter. A job is in the store from before it was promised until after it was delivered, and
 * its outcome is on disk from when it was painted, so that a crash at any moment loses nothing and paints nothing twice.
 *
 * Invariants: #entries holds the jobs that wait or run, and nothing else; at most one of them runs; a job is in #entries or
 * with #deliveries, never both.
 */
export class Jobs implements JobQueue, AsyncDisposable {
  readonly events = new EventEmitter<JobEvents>();
  readonly #entries = new Map<string, Entry>();
  readonly #fair: FairQueue;
  readonly #queue: PQueue<FairQueue, FairOptions>;
  #stopping = false;

  private constructor(
    private readonly options: JobsOptions,
    private readonly records: JobRecords,
    private readonly outcomes: Outcomes,
    private readonly deliveries: Deliveries,
    private readonly pace: Pace,
  ) {
    let own: FairQueue | undefined;
    this.#queue = new PQueue<FairQueue, FairOptions>({
      concurrency: 1,
      autoStart: false,
      queueClass: class extends FairQueue {
        constructor() {
          super();
          own = this;
        }
      },
    });
    this.#fair = own!;
    // Everybody who shows a position listens.
    this.events.setMaxListeners(0);
  }

  /** Opens the queue with all that was left over from before; nothing is painted or delivered before `start`. */
  static async open(options: JobsOptions): Promise<Jobs> {
    const { config, store, log } = options;
    const records = new JobRecords(store.namespace('jobs'), log);
    const outcomes = await Outcomes.open(join(config.dataDir, 'outcomes'));
    const meta = store.namespace('meta');
    const pace = new Pace(await meta.get(PACE));
    const deliveries = new Deliveries({ records, outcomes, log });
    const jobs = new Jobs(options, records, outcomes, deliveries, pace);
    deliveries.onDelivered = (job) => jobs.events.emit('delivered', job);
    await jobs.#resume();
    return jobs;
  }

  /** Begins to paint, and to deliver what was painted before. Call when Discord is there. */
  start(deliver: Deliver): void {
    this.deliveries.start(deliver);
    this.#queue.start();
  }

  async submit(job: Job): Promise<Ticket> {
    if (this.#stopping) throw new Refusal('stopping');
    this.#checkPlaces(job);
    // Its place is taken before the store is asked, so that many at once cannot take more than there are.
    const entry = this.#enter(job, 'saving');
    try {
      await this.records.save(job);
    } catch (cause) {
      this.#entries.delete(job.id);
      this.events.emit('moved');
      this.options.log.error({ job: job.id, err: cause }, 'a job could not be written to the store');
      throw new Refusal('store');
    }
    if (entry.abort.signal.aborted) {
      await this.#end(entry, CANCELLED);
    } else if (!this.#stopping) {
      this.#line(entry);
    }
    this.events.emit('queued', job);
    return this.ticket(job.id) ?? { position: 0, secondsLeft: null };
  }

  /**
   * Waiting, being painted, or still being written down. Whoever hears `true` never gets a picture, not even after a crash;
   * whoever hears `false` gets what was painted.
   */
  async cancel(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (!entry || entry.state === 'ended' || entry.abort.signal.aborted) return false;
    const { state } = entry;
    entry.abort.abort(new Cancelled());
    // A running job ends by itself at its next step; one that is being saved when it is saved.
    await (state === 'waiting' ? this.#end(entry, CANCELLED) : this.#keep(entry, CANCELLED));
    return true;
  }

  ofUser(userId: string): readonly Job[] {
    const entered = [...this.#entries.values()].map(({ job }) => job);
    return [...entered, ...this.deliveries.jobs()].filter(({ origin }) => origin.userId === userId);
  }

  async forget(userId: string): Promise<number> {
    const own = [...this.#entries.values()].filter(({ job }) => job.origin.userId === userId);
    const cancelled = await Promise.all(own.map(({ job }) => this.cancel(job.id)));
    // One whose outcome is being written down is with #deliveries in a moment, one that runs when its step is done.
    while (!this.#stopping && own.some(({ job }) => this.#entries.has(job.id))) await once(this.events, 'moved');
    await this.deliveries.giveUp(({ origin }) => origin.userId === userId);
    return cancelled.filter(Boolean).length;
  }

  ticket(id: string): Ticket | null {
    const entry = this.#entries.get(id);
    if (!entry) return null;
    const running = this.#running();
    if (entry === running) return { position: 0, secondsLeft: this.#left(entry) };
    const order = this.#fair.order();
    const index = order.indexOf(id);
    const ahead = index === -1 ? order : order.slice(0, index);
    let seconds = running ? this.#left(running) : 0;
    for (const each of [...ahead, id]) {
      const { request, work } = this.#entries.get(each)!.job;
      const more = this.pace.seconds(request, work);
      seconds = seconds === null || more === null ? null : seconds + more;
    }
    return { position: ahead.length + (running ? 1 : 0), secondsLeft: seconds };
  }

  list(): readonly Job[] {
    const running = this.#running();
    const waiting = this.#fair.order().map((id) => this.#entries.get(id)!.job);
    return running ? [running.job, ...waiting] : waiting;
  }

  estimate(request: PaintRequest): number | null {
    return this.pace.seconds(request, workOf(request));
  }

  onProgress(listener: (job: Job, progress: JobProgress) => void): void {
    this.events.on('progress', listener);
  }

  onMoved(listener: () => void): void {
    this.events.on('moved', listener);
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** Outcomes that wait to be delivered. */
  get undelivered(): number {
    const ended = [...this.#entries.values()].filter(({ state }) => state === 'ended');
    return this.deliveries.size + ended.length;
  }

  /**
   * Takes nothing more and starts nothing; the running job may finish, else it is given back and painted after the next
   * start. What could not be delivered in time is delivered then.
   *
   * @param time milliseconds until all must be done.
   */
  async shutdown(time = 10_000): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const deadline = Date.now() + time;
    this.#queue.pause();
    const idle = this.#queue.onPendingZero();
    await within(idle, Math.max(0, time - RESERVE));
    this.#running()?.abort.abort(new Stopping());
    await within(idle, RESERVE / 4);
    await within(this.deliveries.stop(), Math.max(0, deadline - Date.now() - RESERVE / 4));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown(0);
  }

  async #resume(): Promise<void> {
    const jobs = await this.records.load();
    const known = new Set(jobs.map(({ id }) => id));
    // Delivered, but the process ended before its pictures were removed.
    for (const id of await this.outcomes.list()) if (!known.has(id)) await this.outcomes.remove(id);
    for (const job of jobs) {
      const outcome = await this.outcomes.load(job.id);
      if (outcome) this.deliveries.add(job, outcome);
      else this.#line(this.#enter(job, 'saving'));
    }
    if (jobs.length > 0) this.options.log.info({ jobs: jobs.length }, 'took up what was left from before');
  }

  #checkPlaces({ origin: { userId, guildId } }: Job): void {
    const entries = [...this.#entries.values()];
    const own = entries.filter(({ job }) => job.origin.userId === userId).length;
    const waiting = new Map<string, number>();
    for (const { state, job } of entries) {
      const { origin } = job;
      if (state !== 'running' && origin.guildId === guildId)
        waiting.set(origin.userId, (waiting.get(origin.userId) ?? 0) + 1);
    }
    const limit = fullFor(userId, own, guildId === null ? null : waiting, this.options.config);
    if (limit) throw new Refusal(limit, { count: limit === 'guildQueue' ? waiting.get(userId)! : own });
  }

  #enter(job: Job, state: Entry['state']): Entry {
    if (this.#entries.has(job.id)) throw new RangeError(`Job ${job.id} waits already.`);
    const entry: Entry = { job, abort: new AbortController(), state, kept: null, startedAt: 0, secondsLeft: null };
    this.#entries.set(job.id, entry);
    return entry;
  }

  #line(entry: Entry): void {
    const { id, origin, work } = entry.job;
    entry.state = 'waiting';
    const place = { id, guild: origin.guildId ?? `dm:${origin.userId}`, user: origin.userId, work };
    void this.#queue.add(() => this.#run(entry), place);
    this.events.emit('moved');
  }

  /** Never throws: whatever goes wrong is the job's outcome. */
  async #run(entry: Entry): Promise<void> {
    const { job } = entry;
    entry.state = 'running';
    entry.startedAt = Date.now();
    entry.secondsLeft = this.pace.seconds(job.request, job.work);
    this.events.emit('started', job, (entry.startedAt - job.createdAt) / 1000);
    this.events.emit('moved');
    const outcome = await this.#paint(entry);
    if (!outcome) {
      // Given back: it is still in the store.
      this.#entries.delete(job.id);
      this.events.emit('moved');
      return;
    }
    await this.#end(entry, outcome);
  }

  /** @returns null when the job is to be painted after the next start. */
  async #paint(entry: Entry): Promise<Outcome | null> {
    const { job, abort } = entry;
    const { painter, log } = this.options;
    for (;;) {
      try {
        const [source, mask] = await Promise.all([this.#picture(job.request.source), this.#picture(job.request.mask)]);
        const began = performance.now();
        const painted = await painter.paint(job.request, {
          locale: job.origin.locale,
          source,
          mask,
          signal: abort.signal,
          onProgress: ({ step, total, secondsLeft, preview }) => {
            entry.secondsLeft = secondsLeft;
            this.events.emit('progress', job, { position: 0, secondsLeft, step, total, preview });
          },
        });
        // It was cancelled when the last step was done, or on the way from the painter's process to this one.
        if (abort.signal.reason instanceof Cancelled) return CANCELLED;
        entry.state = 'ended';
        const seconds = (performance.now() - began) / 1000;
        this.events.emit('painted', job, seconds);
        await this.#learn(job, seconds);
        return { kind: 'painted', ...painted };
      } catch (error) {
        const died = error instanceof PainterDied && !abort.signal.aborted;
        const again = died && (await this.#mayTryAgain(job, error));
        if (abort.signal.reason instanceof Stopping) return null;
        if (abort.signal.aborted) return CANCELLED;
        if (again) continue;
        entry.state = 'ended';
        this.events.emit('failed', job, error);
        const forAuthor = error instanceof EaselError;
        if (!forAuthor) log.error({ job: job.id, err: error }, 'a job failed');
        if (!forAuthor) return { kind: 'failed', message: null, id: job.id };
        const { message, meaning } = error;
        return { kind: 'failed', message, meaning, id: job.id };
      }
    }
  }

  async #mayTryAgain(job: Job, error: PainterDied): Promise<boolean> {
    job.attempts++;
    this.options.log.error({ job: job.id, attempts: job.attempts, err: error }, 'the painter died on a job');
    if (job.attempts >= MAX_ATTEMPTS) return false;
    await this.records.save(job).catch((err) => this.options.log.error({ job: job.id, err }, 'attempts not written'));
    return true;
  }

  async #picture(key: string | undefined): Promise<Uint8Array | undefined> {
    if (key === undefined) return undefined;
    const bytes = await this.options.pictures.get(key);
    if (!bytes) {
      throw new EaselError('The picture to start from is no longer there. Upload it again.', {
        meaning: { code: 'sourceGone', values: {} },
      });
    }
    return bytes;
  }

  async #learn(job: Job, seconds: number): Promise<void> {
    this.pace.learn(job.request, job.work, seconds);
    const { store, log } = this.options;
    await store
      .namespace('meta')
      .set(PACE, this.pace.toJSON())
      .catch((err) => log.warn({ err }, 'the pace could not be written'));
  }

  /** Keeps the outcome on disk, then passes it on: a crash in between changes nothing. */
  async #end(entry: Entry, outcome: Outcome): Promise<void> {
    const { job } = entry;
    entry.state = 'ended';
    this.#fair.remove(job.id);
    await this.#keep(entry, outcome);
    this.#entries.delete(job.id);
    this.deliveries.add(job, outcome);
    if (outcome.kind === 'cancelled') this.events.emit('cancelled', job);
    this.events.emit('moved');
  }

  #keep(entry: Entry, outcome: Outcome): Promise<void> {
    const { id } = entry.job;
    entry.kept ??= this.outcomes.save(id, outcome).catch((err) => {
      // A full disk: it is delivered from memory, and only a crash before that would paint it again.
      this.options.log.error({ job: id, err }, 'an outcome could not be kept on disk until it is delivered');
    });
    return entry.kept;
  }

  #running(): Entry | undefined {
    return [...this.#entries.values()].find(({ state }) => state === 'running');
  }

  #left({ job, startedAt, secondsLeft }: Entry): number | null {
    const estimate = this.pace.seconds(job.request, job.work);
    const fromPace = estimate === null ? null : Math.max(0, estimate - (Date.now() - startedAt) / 1000);
    return secondsLeft === null ? fromPace : Math.max(secondsLeft, fromPace ?? 0);
  }
}

async function within(done: Promise<unknown>, time: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, time);
  });
  await Promise.race([done, late]);
  clearTimeout(timer);
}
