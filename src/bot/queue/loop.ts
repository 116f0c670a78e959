import { FairQueue, type Waiting } from './fair-queue.js';

/**
 * Gives waiting jobs to painters, strictly in the fair order: to a free painter, or to one whose jobs it may join. While
 * the next job does not suit any painter, nobody else gets one, so that nobody is overtaken.
 */
export class Loop<Painter> {
  readonly #order = new FairQueue();
  /** The running jobs of each painter. */
  readonly #jobs: ReadonlyMap<Painter, Set<string>>;
  readonly #running = new Set<Promise<void>>();
  #started = false;

  /**
   * @param run paints the job with that id; must not throw.
   * @param joins whether a job may be painted along with those that a painter has.
   */
  constructor(
    painters: readonly Painter[],
    private readonly run: (id: string, painter: Painter) => Promise<void>,
    private readonly joins: (id: string, company: readonly string[], painter: Painter) => boolean = () => false,
  ) {
    this.#jobs = new Map(painters.map((painter) => [painter, new Set()]));
  }

  /** @throws RangeError for a job that is already waiting. */
  add(job: Waiting): void {
    this.#order.add(job);
    this.fill();
  }

  /** No effect on a job that is not waiting. */
  remove(id: string): void {
    this.#order.remove(id);
    this.fill();
  }

  /** Ids of the waiting jobs, next first. */
  waiting(): readonly string[] {
    return this.#order.order();
  }

  /** Ids of the running jobs, by painter; of painters that have any. */
  running(): readonly (readonly string[])[] {
    return [...this.#jobs.values()].filter(({ size }) => size > 0).map((jobs) => [...jobs]);
  }

  start(): void {
    this.#started = true;
    this.fill();
  }

  /** Starts no other job. @returns when the running ones have ended. */
  async stop(): Promise<void> {
    this.#started = false;
    await Promise.all(this.#running);
  }

  /** Starts what can be started: call this when a painter takes more than before. */
  fill(): void {
    while (this.#started) {
      const id = this.#order.first();
      const painter = id === undefined ? undefined : this.#placeFor(id);
      if (id === undefined || painter === undefined) return;
      this.#order.take();
      this.#begin(id, painter);
    }
  }

  #placeFor(id: string): Painter | undefined {
    const painters = [...this.#jobs];
    const free = painters.find(([, jobs]) => jobs.size === 0);
    return (free ?? painters.find(([painter, jobs]) => this.joins(id, [...jobs], painter)))?.[0];
  }

  #begin(id: string, painter: Painter): void {
    const jobs = this.#jobs.get(painter)!;
    jobs.add(id);
    const running = this.run(id, painter).finally(() => {
      jobs.delete(id);
      this.#running.delete(running);
      this.fill();
    });
    this.#running.add(running);
  }
}
