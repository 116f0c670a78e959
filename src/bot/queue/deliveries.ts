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

/** Most milliseconds between attempts. */
const LONGEST_WAIT = 5 * 60_000;
/** Attempts before the author is told of a failure instead, and again before that is given up: about an hour each. */
const ATTEMPTS = 20;

/**
 * Delivers outcomes, each until it succeeds, and then deletes the job. The nonce is the job's id, so after a crash in
 * between, the second delivery has the same nonce and Discord sends it only once.
 *
 * Invariant: a job is deleted from the store only after its delivery, and its pictures from the disk only after that.
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

  /** Its outcome must be on disk. */
  add(job: Job, outcome: Outcome): void {
    const abort = new AbortController();
    const pending = { job, run: () => this.#bring(job, outcome, abort.signal), abort, running: null };
    this.#pending.set(job.id, pending);
    if (this.#deliver && !this.#stop.signal.aborted) this.#track(pending);
  }

  jobs(): Job[] {
    return [...this.#pending.values()].map(({ job }) => job);
  }

  /** Resolves when a job's outcome, if there is one, is delivered or given up. */
  async arrived(id: string): Promise<void> {
    await this.#pending.get(id)?.running;
  }

  /** Gives up some deliveries; resolves when they have ended. Attempts in progress are finished. */
  async giveUp(which: (job: Job) => boolean): Promise<void> {
    const given = [...this.#pending.values()].filter(({ job }) => which(job));
    for (const pending of given) {
      pending.abort.abort();
      this.#track(pending);
    }
    await Promise.all(given.map(({ running }) => running));
  }

  /** Ends the waiting between attempts; resolves when attempts in progress have ended. */
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

  /** @param givenUp aborted when nobody wants the outcome any more. */
  async #bring(job: Job, outcome: Outcome, givenUp: AbortSignal): Promise<void> {
    const { records, outcomes, log } = this.options;
    const deliver = this.#deliver!;
    const failure: Outcome = { kind: 'failed', message: null, id: job.id };
    // Not AbortSignal.any, which would keep something of every job in a signal that lives as long as the process.
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

  /** @returns whether it succeeded within that many attempts, before the end came. */
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
