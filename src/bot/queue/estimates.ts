import type Keyv from 'keyv';
import type { Logger } from 'pino';
import type { Job } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import { workOf } from '../request/work.js';
import type { Entry } from './entry.js';
import { Pace } from './pace.js';

const PACE = 'pace';

/**
 * Estimates how long jobs take, from measurements. All times are seconds; null means unknown.
 *
 * Invariant: once `learn` resolves, the measurement is in the store, unless the store failed.
 */
export class Estimates {
  private constructor(
    private readonly pace: Pace,
    private readonly store: Keyv,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  static async open(store: Keyv, log: Pick<Logger, 'warn'>): Promise<Estimates> {
    return new Estimates(new Pace(await store.get(PACE)), store, log);
  }

  /** From the first step to the pictures. */
  ofRequest(request: PaintRequest): number | null {
    return this.pace.seconds(request, workOf(request));
  }

  /** Until a running job is done: at first from the measured pace, then more and more from the painter's own steps. */
  left({ job, spent, company, painted }: Entry): number | null {
    const whole = this.pace.seconds(job.request, job.work);
    const fromPace = whole === null ? null : Math.max(0, whole - spent) * company;
    if (painted === null) return fromPace;
    const { share, secondsLeft } = painted;
    return fromPace === null ? secondsLeft : share * secondsLeft + (1 - share) * fromPace;
  }

  /**
   * Until the last of the waiting jobs is done, if each goes, in order, to the painter that is free first.
   *
   * @param running by painter: of those that have any. @param painters 1 or more.
   */
  until(running: readonly (readonly Entry[])[], waiting: readonly Job[], painters: number): number | null {
    const free = Array<number>(painters - running.length).fill(0);
    // A painter whose job's end is unknown counts as never free.
    const known = (seconds: number | null) => seconds ?? Number.POSITIVE_INFINITY;
    // Jobs that are painted together share the painter's time: none ends later than when all shares are used up.
    const busy = running.map((jobs) => jobs.reduce((sum, entry) => sum + known(this.left(entry)) / entry.company, 0));
    const times = [...busy, ...free];
    let last = 0;
    for (const { request, work } of waiting) {
      const first = times.indexOf(Math.min(...times));
      last = times[first]! += known(this.pace.seconds(request, work));
    }
    return Number.isFinite(last) ? last : null;
  }

  /** @param seconds of a painter's time: what it took, divided by those who shared it. */
  async learn({ request, work }: Job, seconds: number): Promise<void> {
    this.pace.learn(request, work, seconds);
    await this.store
      .set(PACE, this.pace.toJSON())
      .catch((err) => this.log.warn({ err }, 'the measured speed could not be saved'));
  }
}
