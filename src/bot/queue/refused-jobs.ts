import type { Logger } from 'pino';
import { retry } from '../gateway/retry.js';
import type { JobRecords } from './job-records.js';
import type { Outcomes } from './outcomes.js';

interface RefusedJobsOptions {
  records: JobRecords;
  outcomes: Outcomes;
  log: Logger;
}

const LONGEST_WAIT = 60_000;

/**
 * Jobs that were refused because the store failed, but that it may have saved all the same, if only its answer was
 * lost. They are deleted from it as soon as that is possible; until then, the refusal is on disk, so that a restart
 * does not paint them.
 */
export class RefusedJobs {
  readonly #stop = new AbortController();

  constructor(private readonly options: RefusedJobsOptions) {}

  /** Resolves when a restart would know about it. */
  async add(id: string): Promise<void> {
    const { outcomes, log } = this.options;
    await outcomes
      .save(id, { kind: 'refused' })
      .catch((err) => log.error({ job: id, err }, 'the refusal of a job could not be written to disk'));
    void this.remove(id);
  }

  /** Resolves when it is deleted from the store, or when the bot stops. */
  async remove(id: string): Promise<void> {
    const { records, outcomes, log } = this.options;
    const act = async () => {
      await records.remove(id);
      await outcomes.remove(id);
    };
    const failed = (err: unknown, wait: number) => {
      log.warn({ job: id, err, wait }, 'a refused job could not be removed from the store; trying again');
      return true;
    };
    await retry(act, { longestWait: LONGEST_WAIT, signal: this.#stop.signal, failed });
  }

  stop(): void {
    this.#stop.abort();
  }
}
