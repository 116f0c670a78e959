import type { Logger } from 'pino';
import type { JobPainter, Painters } from '../painter/job-painter.js';
import type { PaintRequest } from '../request/paint-request.js';
import type { PainterState } from '../request/painter-state.js';
import { weightsOf } from '../request/weights.js';
import type { Entry } from './entry.js';
import type { Lane } from './estimates.js';
import { SharedClock } from './shared-clock.js';

/** What is remembered of a painter, by its name: also when it goes and comes back. */
interface Known {
  /** Its jobs share it. */
  readonly clock: SharedClock;
  /** In a row. */
  failures: number;
  /** Milliseconds of performance.now(). */
  failedAt: number;
  restsUntil: number;
  /** Pictures since the start. */
  total: number;
  /** Pictures and their seconds, with older ones fading. */
  pictures: number;
  seconds: number;
}

/** Milliseconds that a painter rests after so many failures in a row, and after each further one. */
const REST = 60_000;
export const FAILURES = 3;
/** How much of the older pictures' weight remains with each job. */
const FADING = 0.7;
/** Most painters that are remembered though they are gone. */
const REMEMBERED = 100;

/**
 * The living painters as the queue sees them. One that fails several times in a row rests: it would otherwise be the first
 * that is free again, and fail one job after another that the others could paint.
 */
export class Fleet {
  readonly #known = new Map<string, Known>();
  readonly #rests = new Set<NodeJS.Timeout>();

  /**
   * @param onRested called when a painter may have jobs again.
   * @param rest milliseconds.
   */
  constructor(
    private readonly painters: Painters,
    private readonly log: Pick<Logger, 'error'>,
    private readonly onRested: () => void,
    private readonly rest = REST,
  ) {}

  get living(): readonly JobPainter[] {
    return this.painters.all;
  }

  /** The weights that a request waits for though there are painters: those that none has, or no one has with the rest; else null. */
  lacks(request: PaintRequest): string | null {
    if (this.living.length === 0 || this.living.some((painter) => canPaint(painter, request))) return null;
    const names = weightsOf(request);
    return names.find((name) => !this.living.some((painter) => has(painter, name))) ?? names.at(-1)!;
  }

  /** @param running its jobs. */
  laneOf(painter: JobPainter, running: readonly Entry[]): Lane {
    return { name: painter.name, running, rest: this.restOf(painter), can: (request) => canPaint(painter, request) };
  }

  /** Seconds until it gets jobs again; 0 unless it rests. */
  restOf({ name }: JobPainter): number {
    return Math.max(0, ((this.#known.get(name)?.restsUntil ?? 0) - performance.now()) / 1000);
  }

  clockOf(painter: JobPainter): SharedClock {
    return this.#of(painter).clock;
  }

  failuresOf({ name }: JobPainter): number {
    return this.#known.get(name)?.failures ?? 0;
  }

  painted(painter: JobPainter, pictures: number, seconds: number): void {
    const known = this.#of(painter);
    known.failures = 0;
    known.total += pictures;
    known.pictures = FADING * known.pictures + pictures;
    known.seconds = FADING * known.seconds + seconds;
  }

  /** @param began when the job did, by performance.now(): those that were in it together fail once. */
  failed(painter: JobPainter, began: number): void {
    const known = this.#of(painter);
    if (began < known.failedAt) return;
    known.failedAt = performance.now();
    if (++known.failures < FAILURES) return;
    known.restsUntil = known.failedAt + this.rest;
    this.log.error(
      { painter: painter.name, failures: known.failures, seconds: this.rest / 1000 },
      'a painter keeps failing; it gets no jobs for a while',
    );
    const timer = setTimeout(() => {
      this.#rests.delete(timer);
      this.onRested();
    }, this.rest + 1);
    this.#rests.add(timer.unref());
  }

  /** @param jobs how many a painter has. */
  states(jobs: (painter: JobPainter) => number): PainterState[] {
    return this.living.map((painter) => {
      const { name, host, model = null, restarts = 0 } = painter;
      const { failures, total, pictures, seconds } = this.#of(painter);
      const restSeconds = this.restOf(painter);
      const state = jobs(painter) > 0 ? 'busy' : restSeconds > 0 ? 'resting' : 'free';
      const secondsPerPicture = pictures > 0 ? seconds / pictures : null;
      return { name, host, model, state, restSeconds, failures, restarts, pictures: total, secondsPerPicture };
    });
  }

  stop(): void {
    for (const timer of this.#rests) clearTimeout(timer);
    this.#rests.clear();
  }

  #of({ name }: JobPainter): Known {
    const known = this.#known.get(name) ?? {
      clock: new SharedClock(),
      failures: 0,
      failedAt: Number.NEGATIVE_INFINITY,
      restsUntil: 0,
      total: 0,
      pictures: 0,
      seconds: 0,
    };
    this.#known.set(name, known);
    if (this.#known.size > REMEMBERED + this.living.length) {
      const living = new Set(this.living.map((each) => each.name));
      const gone = [...this.#known.keys()].find((one) => one !== name && !living.has(one));
      if (gone !== undefined) this.#known.delete(gone);
    }
    return known;
  }
}

/** Whether a painter has all that a request needs. */
export function canPaint(painter: JobPainter, request: PaintRequest): boolean {
  return weightsOf(request).every((name) => has(painter, name));
}

function has(painter: JobPainter, weights: string): boolean {
  return painter.has?.(weights) ?? true;
}
