import type Keyv from 'keyv';
import type { Logger } from 'pino';
import type { Job } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import { workOf } from '../request/work.js';
import type { Entry } from './entry.js';
import { Pace } from './pace.js';

/** Of all painters together, and of each by its name. */
const PACE = 'pace';
const PACES = 'paces';
/** Most painters whose pace is remembered; those that painted longest ago are forgotten. */
const REMEMBERED = 32;

/** A painter, as far as estimates go. */
export interface Lane {
  readonly name: string;
  readonly running: readonly Entry[];
  /** Seconds before it gets any job. */
  readonly rest: number;
  /** Whether it has the weights for a request. */
  can(request: PaintRequest): boolean;
}

/**
 * Estimates how long jobs take, from measurements. All times are seconds; null means unknown. Each painter has a pace of
 * its own; where one has not painted with a model yet, the pace of all of them counts.
 *
 * Invariant: once `learn` resolves, the measurement is in the store, unless the store failed.
 */
export class Estimates {
  private constructor(
    private readonly pace: Pace,
    private readonly paces: Map<string, Pace>,
    private readonly store: Keyv,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  static async open(store: Keyv, log: Pick<Logger, 'warn'>): Promise<Estimates> {
    const known = Object.entries(Object(await store.get(PACES))).slice(-REMEMBERED);
    const paces = new Map(known.map(([name, pace]) => [name, new Pace(pace)]));
    return new Estimates(new Pace(await store.get(PACE)), paces, store, log);
  }

  /** From the first step to the pictures. @param painter by which; by any if absent. */
  ofRequest(request: PaintRequest, painter?: string): number | null {
    return this.#seconds({ request, work: workOf(request) }, painter);
  }

  /** Until a running job is done: at first from the measured pace, then more and more from the painter's own steps. */
  left({ job, spent, company, painted, painter }: Entry): number | null {
    const whole = this.#seconds(job, painter ?? undefined);
    const fromPace = whole === null ? null : Math.max(0, whole - spent) * company;
    if (painted === null) return fromPace;
    const { share, secondsLeft } = painted;
    return fromPace === null ? secondsLeft : share * secondsLeft + (1 - share) * fromPace;
  }

  /** Until a painter has no jobs and gets new ones; Infinity if that is unknown. */
  untilFree({ running, rest }: Lane): number {
    // Jobs that are painted together share the painter's time: none ends later than when all shares are used up.
    const busy = running.reduce(
      (sum, entry) => sum + (this.left(entry) ?? Number.POSITIVE_INFINITY) / entry.company,
      0,
    );
    return Math.max(busy, rest);
  }

  /** Until the last of the waiting jobs is done, if each goes, in order, to the painter that is free first. */
  until(lanes: readonly Lane[], waiting: readonly Pick<Job, 'request' | 'work'>[]): number | null {
    const times = lanes.map((lane) => this.untilFree(lane));
    let last = Number.POSITIVE_INFINITY;
    for (const job of waiting) {
      let first: number | null = null;
      let taken = Number.POSITIVE_INFINITY;
      for (const [k, { name, can }] of lanes.entries()) {
        if (!can(job.request)) continue;
        const takes = this.#seconds(job, name) ?? Number.POSITIVE_INFINITY;
        const sooner = first === null || times[k]! < times[first]! || (times[k] === times[first] && takes < taken);
        if (sooner) [first, taken] = [k, takes];
      }
      last = first === null ? Number.POSITIVE_INFINITY : times[first]! + taken;
      if (first !== null) times[first] = last;
    }
    return Number.isFinite(last) ? last : null;
  }

  /**
   * @param seconds of a painter's time: what it took, divided by those who shared it.
   * @param painter its name.
   */
  async learn({ request, work }: Pick<Job, 'request' | 'work'>, seconds: number, painter: string): Promise<void> {
    this.pace.learn(request, work, seconds);
    const own = this.paces.get(painter) ?? new Pace();
    own.learn(request, work, seconds);
    this.paces.delete(painter);
    this.paces.set(painter, own);
    if (this.paces.size > REMEMBERED) this.paces.delete(this.paces.keys().next().value!);
    try {
      await this.store.set(PACE, this.pace.toJSON());
      await this.store.set(PACES, Object.fromEntries([...this.paces].map(([name, pace]) => [name, pace.toJSON()])));
    } catch (err) {
      this.log.warn({ err }, 'the measured speed could not be saved');
    }
  }

  #seconds({ request, work }: Pick<Job, 'request' | 'work'>, painter?: string): number | null {
    const own = painter === undefined ? null : (this.paces.get(painter)?.seconds(request, work) ?? null);
    return own ?? this.pace.seconds(request, work);
  }
}
