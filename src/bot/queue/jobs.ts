import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import type { Painter } from '../painter/painter.js';
import type { Deliver, Job, JobProgress, JobQueue, Outcome, Ticket } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import type { Pictures } from '../storage/pictures.js';
import type { Store } from '../storage/store.js';
import { Refusal } from '../text/refusal.js';
import { suits } from './batch.js';
import { Deliveries } from './deliveries.js';
import { Entry } from './entry.js';
import { Estimates } from './estimates.js';
import type { JobEvents } from './events.js';
import { JobRecords } from './job-records.js';
import { Loop } from './loop.js';
import { Outcomes } from './outcomes.js';
import { checkPlaces } from './places.js';
import { RefusedJobs } from './refused-jobs.js';
import { runJob } from './run-job.js';
import { SharedClock } from './shared-clock.js';
import { within } from './within.js';

/** Milliseconds of the shutdown reserved for what follows painting: delivering, or giving the job back. */
const RESERVE = 4000;

/** Has one job at a time, or as many as suit each other and take no more pictures than its batch. */
export type JobPainter = Pick<Painter, 'paint'> & Partial<Pick<Painter, 'batch' | 'prepare'>>;

export interface JobsOptions {
  config: Pick<Config, 'dataDir' | 'userQueue' | 'guildQueue'>;
  store: Store;
  painters: readonly JobPainter[];
  pictures: Pictures;
  log: Logger;
}

interface Parts {
  readonly records: JobRecords;
  readonly outcomes: Outcomes;
  readonly deliveries: Deliveries;
  readonly estimates: Estimates;
  readonly refused: RefusedJobs;
}

const CANCELLED: Outcome = { kind: 'cancelled' };

/**
 * The queue in front of the painters. A job is in the store from before it is acknowledged until after it is delivered,
 * and its outcome is on disk from when it is painted, so a crash at any moment loses nothing and paints nothing twice.
 *
 * Invariants: a job is in #entries until its outcome is saved, then with the deliveries, and never in both; #loop holds
 * exactly the jobs that are `waiting`.
 */
export class Jobs implements JobQueue, AsyncDisposable {
  readonly events = new EventEmitter<JobEvents>();
  readonly #entries = new Map<string, Entry>();
  readonly #loop: Loop<JobPainter>;
  readonly #clocks: ReadonlyMap<JobPainter, SharedClock>;
  /** Outcomes being written to disk, by job; the first one wins. */
  readonly #kept = new Map<string, Promise<void>>();
  #stopping = false;

  private constructor(
    private readonly options: JobsOptions,
    private readonly parts: Parts,
  ) {
    const { painters } = options;
    this.#clocks = new Map(painters.map((painter) => [painter, new SharedClock()]));
    this.#loop = new Loop(
      painters,
      (id, painter) => this.#run(this.#entries.get(id)!, painter),
      (id, company, { batch = 1 }) => suits(this.#entries.get(id)!.job, this.#jobsOf(company), batch),
    );
    // Everything that shows a position listens.
    this.events.setMaxListeners(0);
  }

  /** Opens the queue with all jobs left from before. Nothing is painted or delivered before `start`. */
  static async open(options: JobsOptions): Promise<Jobs> {
    const { config, store, log } = options;
    const records = new JobRecords(store.namespace('jobs'), log);
    const outcomes = await Outcomes.open(join(config.dataDir, 'outcomes'));
    const estimates = await Estimates.open(store.namespace('meta'), log);
    const deliveries = new Deliveries({ records, outcomes, log });
    const refused = new RefusedJobs({ records, outcomes, log });
    const jobs = new Jobs(options, { records, outcomes, deliveries, estimates, refused });
    deliveries.onDelivered = (job) => jobs.events.emit('delivered', job);
    await jobs.#resume();
    return jobs;
  }

  /** Starts painting, and delivers what was painted before. Call this once Discord is connected. */
  start(deliver: Deliver): void {
    this.parts.deliveries.start(deliver);
    this.#loop.start();
  }

  async submit(job: Job): Promise<Ticket> {
    if (this.#stopping) throw new Refusal('stopping');
    checkPlaces(job, this.#entries.values(), this.options.config);
    // It takes its place before the store is asked, so that concurrent requests cannot exceed the limits.
    const entry = this.#enter(job);
    try {
      await this.parts.records.save(job);
    } catch (cause) {
      this.#leave(entry);
      this.options.log.error({ job: job.id, err: cause }, 'a job could not be written to the store');
      await this.parts.refused.add(job.id);
      throw new Refusal('store');
    }
    if (entry.cancelled) await this.#end(entry, CANCELLED);
    else if (!this.#stopping) this.#line(entry);
    this.events.emit('queued', job);
    return this.ticket(job.id) ?? { position: 0, secondsLeft: null };
  }

  /**
   * Works on jobs that are waiting, being painted, or still being saved. After `true`, nobody ever gets a picture, not
   * even after a crash; after `false`, what was painted is delivered.
   */
  async cancel(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (!entry?.cancel()) return false;
    // A running job ends at its next step, a job being saved when it is saved.
    await (entry.state === 'waiting' ? this.#end(entry, CANCELLED) : this.#keep(entry, CANCELLED));
    return true;
  }

  unfinished(): readonly Job[] {
    return [...[...this.#entries.values()].map(({ job }) => job), ...this.parts.deliveries.jobs()];
  }

  ofUser(userId: string): readonly Job[] {
    return this.unfinished().filter(({ origin }) => origin.userId === userId);
  }

  async forget(userId: string): Promise<number> {
    const own = [...this.#entries.values()].filter(({ job }) => job.origin.userId === userId);
    const cancelled = await Promise.all(own.map(({ job }) => this.cancel(job.id)));
    // Jobs whose outcome is being written will be with the deliveries in a moment, running ones when their step is
    // done.
    while (!this.#stopping && own.some(({ job }) => this.#entries.has(job.id))) await once(this.events, 'moved');
    await this.parts.deliveries.giveUp(({ origin }) => origin.userId === userId);
    return cancelled.filter(Boolean).length;
  }

  arrived(id: string): Promise<void> {
    return this.parts.deliveries.arrived(id);
  }

  ticket(id: string): Ticket | null {
    const entry = this.#entries.get(id);
    if (!entry) return null;
    const { estimates } = this.parts;
    if (entry.state === 'running') return { position: 0, secondsLeft: estimates.left(entry) };
    const running = this.#loop.running().map((ids) => ids.flatMap((one) => this.#entries.get(one) ?? []));
    const painters = this.options.painters.length;
    const order = this.#loop.waiting();
    const index = order.indexOf(id);
    const ahead = index === -1 ? order : order.slice(0, index);
    const waiting = [...ahead, id].map((one) => this.#entries.get(one)!.job);
    return {
      position: Math.max(0, running.length + waiting.length - painters),
      secondsLeft: estimates.until(running, waiting, painters),
    };
  }

  list(): readonly Job[] {
    const waiting = this.#loop.waiting().map((id) => this.#entries.get(id)!);
    return [...this.#running(), ...waiting].map(({ job }) => job);
  }

  estimate(request: PaintRequest): number | null {
    return this.parts.estimates.ofRequest(request);
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

  /** Outcomes waiting to be delivered. */
  get undelivered(): number {
    const ended = [...this.#entries.values()].filter(({ state }) => state === 'ended');
    return this.parts.deliveries.size + ended.length;
  }

  /**
   * Accepts and starts nothing more. Running jobs may finish, otherwise they are given back and painted after the next
   * start. What could not be delivered in time is delivered then.
   *
   * @param time milliseconds until everything must be done.
   */
  async shutdown(time = 10_000): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const deadline = Date.now() + time;
    this.parts.refused.stop();
    const idle = this.#loop.stop();
    await within(idle, Math.max(0, time - RESERVE));
    for (const entry of this.#running()) entry.stop();
    await within(idle, RESERVE / 4);
    await within(this.parts.deliveries.stop(), Math.max(0, deadline - Date.now() - RESERVE / 4));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown(0);
  }

  async #resume(): Promise<void> {
    const { records, outcomes, deliveries, refused } = this.parts;
    const jobs = await records.load();
    const known = new Set(jobs.map(({ id }) => id));
    // Delivered, but the process ended before its pictures were deleted.
    for (const id of await outcomes.list()) if (!known.has(id)) await outcomes.remove(id);
    for (const job of jobs) {
      const outcome = await outcomes.load(job.id);
      if (outcome?.kind === 'refused') void refused.remove(job.id);
      else if (outcome) deliveries.add(job, outcome);
      else this.#line(this.#enter(job));
    }
    if (jobs.length > 0) this.options.log.info({ jobs: jobs.length }, 'resuming requests from before the restart');
  }

  #enter(job: Job): Entry {
    if (this.#entries.has(job.id)) throw new RangeError(`Job ${job.id} waits already.`);
    const entry = new Entry(job);
    this.#entries.set(job.id, entry);
    return entry;
  }

  #leave({ job }: Entry): void {
    this.#entries.delete(job.id);
    this.events.emit('moved');
  }

  #line(entry: Entry): void {
    const { id, origin, work } = entry.job;
    entry.become('waiting');
    this.#loop.add({ id, guild: origin.guildId ?? `dm:${origin.userId}`, user: origin.userId, work });
    this.#prepare();
    this.events.emit('moved');
  }

  async #run(entry: Entry, painter: JobPainter): Promise<void> {
    const { job } = entry;
    entry.become('running');
    this.events.emit('started', job, (entry.startedAt - job.createdAt) / 1000);
    this.#prepare();
    this.events.emit('moved');
    const outcome = await runJob(entry, painter, {
      ...this.parts,
      ...this.options,
      events: this.events,
      clock: this.#clocks.get(painter)!,
      onBegun: () => this.#loop.fill(),
    });
    // A job that is given back stays in the store.
    if (outcome) await this.#end(entry, outcome);
    else this.#leave(entry);
  }

  /** Saves the outcome on disk, then passes it on, so that a crash in between changes nothing. */
  async #end(entry: Entry, outcome: Outcome): Promise<void> {
    const { job } = entry;
    entry.become('ended');
    this.#loop.remove(job.id);
    await this.#keep(entry, outcome);
    this.#kept.delete(job.id);
    this.#entries.delete(job.id);
    this.parts.deliveries.add(job, outcome);
    if (outcome.kind === 'cancelled') this.events.emit('cancelled', job);
    this.events.emit('moved');
  }

  #keep({ job: { id } }: Entry, outcome: Outcome): Promise<void> {
    const kept =
      this.#kept.get(id) ??
      this.parts.outcomes.save(id, outcome).catch((err) => {
        // If the disk is full, it is delivered from memory; only a crash before that would paint it again.
        this.options.log.error({ job: id, err }, 'an outcome could not be kept on disk until it is delivered');
      });
    this.#kept.set(id, kept);
    return kept;
  }

  /** Without those that have just ended. */
  #jobsOf(ids: readonly string[]): Job[] {
    return ids.flatMap((id) => this.#entries.get(id)?.job ?? []);
  }

  /** The model of the job that comes next is opened while another is painted. */
  #prepare(): void {
    const next = this.#entries.get(this.#loop.waiting()[0] ?? '');
    if (next) for (const painter of this.options.painters) painter.prepare?.(next.job.request.model);
  }

  #running(): Entry[] {
    return [...this.#entries.values()].filter(({ state }) => state === 'running');
  }
}
