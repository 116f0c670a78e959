import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import type { Leader } from '../leader/leader.js';
import type { Inspectors } from '../painter/inspectors.js';
import type { Attempt, JobPainter, Painters } from '../painter/job-painter.js';
import type { Deliver, Job, JobProgress, JobQueue, Outcome, Ticket } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import type { PainterState } from '../request/painter-state.js';
import type { Pictures } from '../storage/pictures.js';
import type { Store } from '../storage/store.js';
import { Refusal } from '../text/refusal.js';
import { suits } from './batch.js';
import { bestPainter } from './best-painter.js';
import { Deliveries } from './deliveries.js';
import { Entry } from './entry.js';
import { Estimates, type Lane } from './estimates.js';
import type { JobEvents } from './events.js';
import { failureOf } from './failure.js';
import type { Waiting } from './fair-queue.js';
import { canPaint, Fleet } from './fleet.js';
import { JobRecords } from './job-records.js';
import { Loop } from './loop.js';
import { MissingModels, modelAway, needsOf } from './missing-models.js';
import { Outcomes } from './outcomes.js';
import { checkPlaces } from './places.js';
import { positionOfLast } from './position.js';
import { RefusedJobs } from './refused-jobs.js';
import { runJob } from './run-job.js';
import { within } from './within.js';

/** Milliseconds of the shutdown reserved for what follows painting: delivering, or giving the job back. */
const RESERVE = 4000;

export interface JobsOptions {
  config: Pick<Config, 'dataDir' | 'userQueue' | 'guildQueue'>;
  store: Store;
  painters: Painters;
  inspectors: Pick<Inspectors, 'source' | 'covering' | 'control'>;
  pictures: Pictures;
  log: Logger;
  /** Of several bots: work is handed out only while it is certain that this one leads. */
  leader?: Pick<Leader, 'certainty'>;
  times?: Partial<QueueTimes>;
  /** A job from before the restart as it is painted now: its model may be gone. @throws Refusal for its author if it cannot be. */
  revised?: (job: Job) => Promise<Job>;
}

/** Milliseconds. */
interface QueueTimes {
  /** That a painter rests which failed several times in a row. */
  rest: number;
  /** That a job waits while no living painter has its model. */
  patience: number;
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
  readonly #fleet: Fleet;
  readonly #missing: MissingModels;
  /** Outcomes being written to disk, by job; the first one wins. */
  readonly #kept = new Map<string, Promise<void>>();
  #stopping = false;

  private constructor(
    private readonly options: JobsOptions,
    private readonly parts: Parts,
  ) {
    const { painters, log, times = {} } = options;
    this.#fleet = new Fleet(painters, log, () => this.#repaint(), times.rest);
    this.#missing = new MissingModels(
      (request) => this.#fleet.lacks(request),
      (needs, weights) => this.#giveUp(needs, weights),
      times.patience,
    );
    this.#loop = new Loop({
      painters: () => this.#fleet.living,
      run: (id, painter) => this.#run(this.#entries.get(id)!, painter),
      takes: (painter) => this.#fleet.restOf(painter) === 0,
      can: (id, painter) => canPaint(painter, this.#requestOf(id)),
      joins: (id, company, { batch = 1 }) => suits(this.#entries.get(id)!.job, this.#jobsOf(company), batch),
      choose: (id, free) => {
        const { job } = this.#entries.get(id)!;
        return bestPainter(job, free, (attempt) => this.#waits(attempt), this.#fleet, this.parts.estimates);
      },
    });
    painters.onChange(() => this.#repaint());
    // Everything that shows a position listens.
    this.events.setMaxListeners(0);
  }

  /** Opens the queue with all jobs left from before. Nothing is painted or delivered before `paint` or `start`. */
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

  /** Starts painting what was left from before, while Discord is still being connected. */
  paint(): void {
    this.#loop.start();
  }

  /** Starts painting, and delivers what was painted before. Call this once Discord is connected. */
  start(deliver: Deliver): void {
    this.parts.deliveries.start(deliver);
    this.#loop.start();
  }

  async submit(job: Job): Promise<void> {
    if (this.#stopping) throw new Refusal('stopping');
    const lacking = this.#fleet.lacks(job.request);
    if (lacking !== null) throw new Refusal('modelAway', { model: lacking });
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

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  ticket(id: string): Ticket | null {
    const entry = this.#entries.get(id);
    if (!entry) return null;
    const { estimates } = this.parts;
    if (entry.state === 'running') return { position: 0, secondsLeft: estimates.left(entry) };
    const order = this.#loop.waiting();
    const index = order.indexOf(id);
    const ahead = index === -1 ? order : order.slice(0, index);
    const waiting = [...ahead, id].map((one) => this.#entries.get(one)!.job);
    const lanes = this.#lanes();
    return { position: positionOfLast(waiting, lanes), secondsLeft: estimates.until(lanes, waiting) };
  }

  painters(): readonly PainterState[] {
    return this.#fleet.states((painter) => this.#loop.jobsOf(painter).length);
  }

  /** For operators: why no job can be handed out; null if one can. */
  get noPainter(): string | null {
    const { all, problem } = this.options.painters;
    return problem ?? (all.length === 0 ? 'no painter lives' : null);
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
    const deadline = performance.now() + time;
    this.parts.refused.stop();
    this.#missing.stop();
    this.#fleet.stop();
    const idle = this.#loop.stop();
    await within(idle, Math.max(0, time - RESERVE));
    for (const entry of this.#running()) entry.stop();
    await within(idle, RESERVE / 4);
    await within(this.parts.deliveries.stop(), Math.max(0, deadline - performance.now() - RESERVE / 4));
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
      else await this.#takeUp(job);
    }
    if (jobs.length > 0) this.options.log.info({ jobs: jobs.length }, 'resuming requests from before the restart');
  }

  async #takeUp(job: Job): Promise<void> {
    const { revised = async () => job } = this.options;
    try {
      this.#line(this.#enter(await revised(job)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await this.#end(this.#enter(job), failureOf(error, job));
    }
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
    entry.become('waiting');
    this.#loop.add(waitingOf(entry));
    this.#prepare();
    this.#missing.update(this.#wanted());
    this.events.emit('moved');
  }

  /** Painters have come, gone or rested. */
  #repaint(): void {
    if (this.#stopping) return;
    this.#missing.update(this.#wanted());
    this.#loop.fill();
    this.#prepare();
    this.events.emit('moved');
  }

  async #run(entry: Entry, painter: JobPainter): Promise<void> {
    const { job } = entry;
    const isFirstTry = entry.startedAt === 0;
    entry.become('running');
    entry.painter = painter.name;
    if (isFirstTry) this.events.emit('started', job, (entry.startedAt - job.createdAt) / 1000);
    this.#prepare();
    this.events.emit('moved');
    const outcome = await runJob(entry, painter, {
      ...this.parts,
      ...this.options,
      fleet: this.#fleet,
      events: this.events,
      onBegun: () => this.#loop.fill(),
    });
    if (outcome === 'again') this.#again(entry);
    else if (outcome) await this.#end(entry, outcome);
    // A job that is given back stays in the store.
    else this.#leave(entry);
  }

  /** It keeps the turn that it has had. */
  #again(entry: Entry): void {
    entry.again();
    this.#loop.giveBack(waitingOf(entry));
    this.#missing.update(this.#wanted());
    this.events.emit('moved');
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

  /** The model of the job that comes next is opened while another is painted, by the painter that is free first. */
  #prepare(): void {
    const id = this.#loop.next();
    if (id === undefined) return;
    const request = this.#requestOf(id);
    const { estimates } = this.parts;
    const times = this.#fleet.living
      .filter((painter) => canPaint(painter, request))
      .map((painter) => [painter, estimates.untilFree(this.#laneOf(painter))] as const);
    times.sort(([, a], [, b]) => (a === b ? 0 : a - b));
    times[0]?.[0].prepare?.(request.model);
  }

  #lanes(): Lane[] {
    return this.#fleet.living.map((painter) => this.#laneOf(painter));
  }

  #laneOf(painter: JobPainter): Lane {
    return this.#fleet.laneOf(
      painter,
      this.#loop.jobsOf(painter).flatMap((id) => this.#entries.get(id) ?? []),
    );
  }

  #requestOf(id: string): PaintRequest {
    return this.#entries.get(id)!.job.request;
  }

  #waits({ id, attempts }: Attempt): boolean {
    const entry = this.#entries.get(id);
    return entry?.state === 'waiting' && entry.job.attempts === attempts;
  }

  #wanted(): PaintRequest[] {
    const waiting = [...this.#entries.values()].filter(({ state }) => state === 'waiting');
    return waiting.map(({ job }) => job.request);
  }

  #giveUp(needs: string, weights: string): void {
    for (const id of this.#loop.waiting()) {
      if (needsOf(this.#requestOf(id)) !== needs) continue;
      const entry = this.#entries.get(id)!;
      const error = modelAway(weights);
      this.events.emit('failed', entry.job, error);
      void this.#end(entry, failureOf(error, entry.job));
    }
  }

  #running(): Entry[] {
    return [...this.#entries.values()].filter(({ state }) => state === 'running');
  }
}

function waitingOf({ job: { id, origin, work } }: Entry): Waiting {
  return { id, guild: origin.guildId ?? `dm:${origin.userId}`, user: origin.userId, work };
}
