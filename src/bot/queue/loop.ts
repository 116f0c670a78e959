import PQueue from 'p-queue';
import { FairQueue, type Waiting } from './fair-queue.js';

/**
 * Gives each waiting job, in the fair order, to a free painter.
 *
 * Invariants: p-queue has at least one turn per waiting job. A turn takes whichever job is next when it begins, not the
 * one it was added for, so a turn left over from a removed job finds none. Each painter is in #free or has one job.
 */
export class Loop<Painter> {
  readonly #order = new FairQueue();
  readonly #turns: PQueue;
  readonly #free: Painter[];

  /** @param painters one job at a time runs on each. @param run paints the job with that id; must not throw. */
  constructor(
    painters: readonly Painter[],
    private readonly run: (id: string, painter: Painter) => Promise<void>,
  ) {
    this.#free = [...painters];
    this.#turns = new PQueue({ concurrency: painters.length, autoStart: false });
  }

  /** @throws RangeError for a job that is already waiting. */
  add(job: Waiting): void {
    this.#order.add(job);
    void this.#turns.add(() => this.#turn());
  }

  /** No effect on a job that is not waiting. */
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

  /** Starts no other job. @returns when the running ones have ended. */
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
