import type { Logger } from 'pino';
import type { Deliver, Job, Outcome } from './job.js';
import type { JobRecords } from './job-records.js';
import type { Outcomes } from './outcomes.js';

interface DeliveriesOptions {
  records: JobRecords;
  outcomes: Outcomes;
  log: Logger;
}

/** Milliseconds between attempts: doubled each time, up to the longest. */
const FIRST_WAIT = 1000;
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
  readonly #pending = new Map<string, () => Promise<void>>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #deliver: Deliver | null = null;

  constructor(private readonly options: DeliveriesOptions) {}

  get size(): number {
    return this.#pending.size;
  }

  start(deliver: Deliver): void {
    this.#deliver = deliver;
    for (const run of this.#pending.values()) this.#track(run());
  }

  /** Its outcome is on disk. */
  add(job: Job, outcome: Outcome): void {
    const run = () => this.#bring(job, outcome);
    this.#pending.set(job.id, run);
    if (this.#deliver && !this.#stop.signal.aborted) this.#track(run());
  }

  /** Ends the waiting between attempts; resolves when those that are on their way have arrived or failed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  #track(run: Promise<void>): void {
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }

  async #bring(job: Job, outcome: Outcome): Promise<void> {
    const { records, outcomes, log } = this.options;
    const deliver = this.#deliver!;
    const failure: Outcome = { kind: 'failed', message: null, id: job.id };
    const told =
      (await this.#until(ATTEMPTS, job, 'delivered', () => deliver(job, outcome, job.id))) ||
      (await this.#until(ATTEMPTS, job, 'delivered', () => deliver(job, failure, job.id)));
    if (this.#stop.signal.aborted && !told) return;
    if (!told) log.error({ job: job.id }, 'a job could not be delivered for hours and is given up');
    await this.#until(Number.POSITIVE_INFINITY, job, 'removed from the store', () => records.remove(job.id));
    await outcomes.remove(job.id).catch((err) => log.warn({ job: job.id, err }, 'pictures were not removed'));
    this.#pending.delete(job.id);
    if (told) this.onDelivered(job);
  }

  /** @returns whether it succeeded in so many attempts, before the end came. */
  async #until(attempts: number, job: Job, what: string, act: () => Promise<void>): Promise<boolean> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      try {
        await act();
        return true;
      } catch (err) {
        const wait = Math.min(FIRST_WAIT * 2 ** attempt, LONGEST_WAIT);
        this.options.log.warn({ job: job.id, err, attempt, wait }, `a job could not be ${what}; trying again`);
        if (!(await pause(wait, this.#stop.signal))) return false;
      }
    }
    return false;
  }
}

/** @returns false if the end came first. */
function pause(time: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const done = (slept: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stopped);
      resolve(slept);
    };
    const stopped = () => done(false);
    const timer = setTimeout(() => done(true), time);
    signal.addEventListener('abort', stopped);
  });
}
