import PQueue from 'p-queue';
import { FairQueue, type Waiting } from './fair-queue.js';

/**
 * Gives each waiting job, in the fair order, to a painter that is free.
 *
 * Invariants: p-queue has a turn for each waiting job, at least. A turn takes whoever is next when it begins, not the one
 * that it was added for; so a turn that is left over by a removed job finds nobody. A painter is in #free, or has one job.
 */
export class Loop<Painter> {
  readonly #order = new FairQueue();
  readonly #turns: PQueue;
  readonly #free: Painter[];

  /**
   * @param painters as many jobs run at once. @param run paints the job with that id; must not throw.
   */
  constructor(
    painters: readonly Painter[],
    private readonly run: (id: string, painter: Painter) => Promise<void>,
  ) {
    this.#free = [...painters];
    this.#turns = new PQueue({ concurrency: painters.length, autoStart: false });
  }

  /** @throws RangeError for a job that waits already. */
  add(job: Waiting): void {
    this.#order.add(job);
    void this.#turns.add(() => this.#turn());
  }

  /** Has no effect on one that does not wait. */
  remove(id: string): void {
    this.#order.remove(id);
  }

  /** Ids of the waiting jobs, next first. */
  waiting(): readonly string[] {
    return this.#order.order();
  }

  start(): void {
    this.#turns.start();
  }

  /** Begins no other job. @returns when those that run have ended. */
  stop(): Promise<void> {
    this.#turns.pause();
    return this.#turns.onPendingZero();
  }

  async #turn(): Promise<void> {
    const id = this.#order.take();
    if (id === undefined) return;
    const painter = this.#free.pop()!;
    await this.run(id, painter).finally(() => this.#free.push(painter));
  }
}
