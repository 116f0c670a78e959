import type { PaintRequest } from '../request/paint-request.js';

/** Weight of the newest measurement in the moving average. */
const WEIGHT = 0.3;

/** Seconds a unit of work takes, by model and kind of job, as an exponential moving average of what was measured. */
export class Pace {
  readonly #seconds: Map<string, number>;

  /** @param known what {@link toJSON} gave before; anything else in it is ignored. */
  constructor(known: unknown = {}) {
    const entries = Object.entries(Object(known)) as [string, unknown][];
    this.#seconds = new Map(
      entries.filter((entry): entry is [string, number] => Number.isFinite(entry[1]) && Number(entry[1]) > 0),
    );
  }

  learn(request: PaintRequest, work: number, seconds: number): void {
    const key = keyOf(request);
    const before = this.#seconds.get(key) ?? seconds / work;
    this.#seconds.set(key, before + WEIGHT * (seconds / work - before));
  }

  /** Estimated seconds; null before a like job was measured. */
  seconds(request: PaintRequest, work: number): number | null {
    const pace = this.#seconds.get(keyOf(request));
    return pace === undefined ? null : pace * work;
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.#seconds);
  }
}

/** Strength decides how many of the steps img2img takes. A table is of pictures from words. */
function keyOf(request: PaintRequest): string {
  const kind = request.kind === 'table' ? 'txt2img' : request.kind;
  const strength = 'strength' in request ? request.strength : undefined;
  return `${request.model}/${kind}${strength === undefined ? '' : `/${Math.round(strength * 10)}`}`;
}
