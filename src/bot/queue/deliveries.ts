import type { Logger } from 'pino';
import { verdict } from '../gateway/discord-errors.js';
import { retry } from '../gateway/retry.js';
import type { Deliver, Job, Outcome } from '../request/job.js';
import type { JobRecords } from './job-records.js';
import type { Outcomes } from './outcomes.js';

interface DeliveriesOptions {
  records: JobRecords;
  outcomes: Outcomes;
  log: Logger;
}

interface Pending {
  readonly job: Job;
  readonly run: () => Promise<void>;
  readonly abort: AbortController;
  running: Promise<void> | null;
}

/** Milliseconds between attempts at most. */
const LONGEST_WAIT = 5 * 60_000;
/** Attempts until the author hears of a failure instead, and until nobody is told: about an hour each. */
const ATTEMPTS = 20;

/**
 * Delivers outcomes, each until it succeeded, then forgets the job. The nonce is the job's id: whoever delivers twice after
 * a crash in between does so with the same one, and Discord sends it once.
 *
 * Invariant: a job leaves the store only after its delivery resolved; its pictures leave the disk only after that.
 */
export class Deliveries {
  onDelivered: (job: Job) => void = () => {};
  readonly #pending = new Map<string, Pending>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #deliver: Deliver | null = null;

  constructor(private readonly options: DeliveriesOptions) {}

  get size(): number {
    return this.#pending.size;
  }

  start(deliver: Deliver): void {
    this.#deliver = deliver;
    for (const pending of this.#pending.values()) this.#track(pending);
  }

  /** Its outcome is on disk. */
  add(job: Job, outcome: Outcome): void {
    const abort = new AbortController();
    const pending = { job, run: () => this.#bring(job, outcome, abort.signal), abort, running: null };
    this.#pending.set(job.id, pending);
    if (this.#deliver && !this.#stop.signal.aborted) this.#track(pending);
  }

  jobs(): Job[] {
    return [...this.#pending.values()].map(({ job }) => job);
  }

  /** Resolves when a job's outcome, if it is on its way, has arrived or is given up. */
  async arrived(id: string): Promise<void> {
    await this.#pending.get(id)?.running;
  }

  /** Tries some no longer; resolves when they are gone. One that is on its way arrives. */
  async giveUp(which: (job: Job) => boolean): Promise<void> {
    const given = [...this.#pending.values()].filter(({ job }) => which(job));
    for (const pending of given) {
      pending.abort.abort();
      this.#track(pending);
    }
    await Promise.all(given.map(({ running }) => running));
  }

  /** Ends the waiting between attempts; resolves when those that are on their way have arrived or failed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  #track(pending: Pending): void {
    if (pending.running) return;
    const run = pending.run();
    pending.running = run;
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }

  /** @param givenUp nobody wants it any more. */
  async #bring(job: Job, outcome: Outcome, givenUp: AbortSignal): Promise<void> {
    const { records, outcomes, log } = this.options;
    const deliver = this.#deliver!;
    const failure: Outcome = { kind: 'failed', message: null, id: job.id };
    // Not AbortSignal.any: it leaves something of every job in the signal that lives as long as the process.
    const end = new AbortController();
    const ended = () => end.abort();
    for (const signal of [this.#stop.signal, givenUp]) {
      if (signal.aborted) ended();
      signal.addEventListener('abort', ended);
    }
    const bring = (what: Outcome) =>
      !givenUp.aborted && this.#until(ATTEMPTS, job, 'delivered', () => deliver(job, what, job.id), end.signal);
    const told = (await bring(outcome)) || (await bring(failure));
    this.#stop.signal.removeEventListener('abort', ended);
    if (this.#stop.signal.aborted && !told && !givenUp.aborted) return;
    if (!told && !givenUp.aborted) log.error({ job: job.id }, 'a job could not be delivered and is given up');
    await this.#until(Number.POSITIVE_INFINITY, job, 'removed from the store', () => records.remove(job.id));
    await outcomes.remove(job.id).catch((err) => log.warn({ job: job.id, err }, 'pictures were not removed'));
    this.#pending.delete(job.id);
    if (told) this.onDelivered(job);
  }

  /** @returns whether it succeeded in so many attempts, before the end came. */
  #until(
    attempts: number,
    job: Job,
    what: string,
    act: () => Promise<void>,
    end = this.#stop.signal,
  ): Promise<boolean> {
    const { log } = this.options;
    const failed = (err: unknown, wait: number, attempt: number) => {
      const goesOn = verdict(err) !== 'wrong';
      if (goesOn) log.warn({ job: job.id, err, attempt, wait }, `a job could not be ${what}; trying again`);
      else log.error({ job: job.id, err }, `a job could not be ${what}, and never can`);
      return goesOn;
    };
    return retry(act, { attempts, longestWait: LONGEST_WAIT, signal: end, failed });
  }
}
