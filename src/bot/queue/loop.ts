import { FairQueue, type Waiting } from './fair-queue.js';

export interface LoopOptions<Painter> {
  /** Those that live, which may change: call `fill` then. */
  readonly painters: () => readonly Painter[];
  /** Paints the job with that id; must not throw. */
  readonly run: (id: string, painter: Painter) => Promise<void>;
  /** Whether a painter is handed jobs now; by default all are. */
  readonly takes?: (painter: Painter) => boolean;
  /** Whether a painter can paint this job at all; by default all can. */
  readonly can?: (id: string, painter: Painter) => boolean;
  /** Whether a job may be painted along with those that a painter has. */
  readonly joins?: (id: string, company: readonly string[], painter: Painter) => boolean;
  /** Which of several free painters gets it; by default the first. */
  readonly choose?: (id: string, free: readonly Painter[]) => Painter;
}

/**
 * Gives waiting jobs to painters, strictly in the fair order: to a free painter, or to one whose jobs it may join. While
 * the next job does not suit any painter, nobody else gets one, so that nobody is overtaken. Only painters that cannot
 * paint it at all go on with what is behind it.
 */
export class Loop<Painter> {
  readonly #order = new FairQueue();
  /** The running jobs of the painters that have any, and when each had its turn. */
  readonly #jobs = new Map<Painter, Map<string, number>>();
  readonly #running = new Set<Promise<void>>();
  #turns = 0;
  #started = false;

  constructor(private readonly options: LoopOptions<Painter>) {}

  /** @throws RangeError for a job that is already waiting. */
  add(job: Waiting): void {
    this.#order.add(job);
    this.fill();
  }

  /** Takes back a job that is still running, as the last thing that its run does: it keeps the turn that it has had. */
  giveBack(job: Waiting): void {
    const turns = [...this.#jobs.values()].flatMap((jobs) => jobs.get(job.id) ?? []);
    this.#order.giveBack(job, turns[0] ?? 0);
  }

  /** No effect on a job that is not waiting. */
  remove(id: string): void {
    this.#order.remove(id);
    this.fill();
  }

  /** The id of the waiting job whose turn it is. */
  next(): string | undefined {
    return this.#order.first();
  }

  /** Ids of the waiting jobs, next first. */
  waiting(): readonly string[] {
    return this.#order.order();
  }

  /** Ids of a painter's running jobs. */
  jobsOf(painter: Painter): readonly string[] {
    return [...(this.#jobs.get(painter)?.keys() ?? [])];
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

  /** Starts what can be started: call this when painters have come, or take more than before. */
  fill(): void {
    while (this.#started && this.#startNext());
  }

  #startNext(): boolean {
    const { painters, takes = () => true, can = () => true } = this.options;
    const open = new Set(painters().filter(takes));
    if (open.size === 0) return false;
    for (const id of this.#inOrder()) {
      const suitable = [...open].filter((painter) => can(id, painter));
      const painter = this.#placeFor(id, suitable);
      if (painter !== undefined) {
        this.#order.take(id);
        this.#begin(id, painter);
        return true;
      }
      for (const each of suitable) open.delete(each);
      if (open.size === 0) return false;
    }
    return false;
  }

  /** The first is known without working out the whole order, and most often nobody asks for more. */
  *#inOrder(): Generator<string> {
    const first = this.#order.first();
    if (first === undefined) return;
    yield first;
    yield* this.#order.order().slice(1);
  }

  #placeFor(id: string, suitable: readonly Painter[]): Painter | undefined {
    const { joins = () => false, choose = (_, [first]) => first! } = this.options;
    const free = suitable.filter((painter) => !this.#jobs.has(painter));
    if (free.length > 0) return choose(id, free);
    return suitable.find((painter) => joins(id, this.jobsOf(painter), painter));
  }

  #begin(id: string, painter: Painter): void {
    const jobs = this.#jobs.get(painter) ?? new Map<string, number>();
    this.#jobs.set(painter, jobs.set(id, this.#turns++));
    const running = this.options.run(id, painter).finally(() => {
      jobs.delete(id);
      if (jobs.size === 0) this.#jobs.delete(painter);
      this.#running.delete(running);
      this.fill();
    });
    this.#running.add(running);
  }
}
