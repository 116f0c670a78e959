import { z } from 'zod';
import { type PaintRequest, upscalerOf } from '../request/paint-request.js';

/** How much of an older measurement's weight remains with each new one. */
const FADING = 0.7;
/**
 * Weight of the origin, where no work takes no time: with it, a single measurement determines a line, and noise tilts
 * it little.
 */
const ORIGIN = 0.1;

/** Most models and kinds of jobs that are remembered; those measured longest ago are forgotten. */
const REMEMBERED = 200;

/** Weighted sums over the measurements: of ones, work, seconds, work squared, work times seconds. */
const sums = z.tuple([
  z.number().positive(),
  z.number().positive(),
  z.number().positive(),
  z.number().positive(),
  z.number().positive(),
]);
type Sums = z.infer<typeof sums>;

/**
 * Seconds that work takes, by model and kind of job: a line through the measurements, because part of a job takes the
 * same time however small the job. Least squares, with older measurements fading.
 */
export class Pace {
  readonly #sums = new Map<string, Sums>();

  /** @param known an earlier {@link toJSON}; anything invalid in it is ignored. */
  constructor(known: unknown = {}) {
    for (const [key, value] of Object.entries(Object(known)).slice(-REMEMBERED)) {
      const { data } = sums.safeParse(value);
      if (data) this.#sums.set(key, data);
    }
  }

  learn(request: PaintRequest, work: number, seconds: number): void {
    const key = keyOf(request);
    const before = this.#sums.get(key) ?? [0, 0, 0, 0, 0];
    const now = [1, work, seconds, work * work, work * seconds];
    const { data } = sums.safeParse(now.map((value, k) => FADING * before[k]! + value));
    // A job without work, or one that took no time, says nothing.
    if (!data) return;
    this.#sums.delete(key);
    this.#sums.set(key, data);
    if (this.#sums.size > REMEMBERED) this.#sums.delete(this.#sums.keys().next().value!);
  }

  /** Estimated seconds; null before a similar job was measured. */
  seconds(request: PaintRequest, work: number): number | null {
    // With less work a job takes no longer.
    const known = this.#sums.get(keyOf(request)) ?? this.#sums.get(keyOf({ ...request, speed: 'exact' }));
    if (!known) return null;
    const [ones, works, seconds, squares, products] = known;
    const count = ones + ORIGIN;
    const slope = (count * products - works * seconds) / (count * squares - works * works);
    const start = (seconds - slope * works) / count;
    // Less work never takes longer, and no work takes no time; otherwise the line goes through the origin.
    return slope > 0 && start > 0 ? start + slope * work : (seconds / works) * work;
  }

  toJSON(): Record<string, readonly number[]> {
    return Object.fromEntries(this.#sums);
  }
}

/** Strength decides how many of the steps img2img takes. Tables are painted from words. */
function keyOf(request: PaintRequest): string {
  const kind = request.kind === 'table' ? 'txt2img' : request.kind;
  const strength = 'strength' in request ? request.strength : undefined;
  const { model, speed = 'exact', control } = request;
  const upscaler = upscalerOf(request);
  return [
    model,
    kind,
    ...(strength === undefined ? [] : [Math.round(strength * 10)]),
    ...(speed === 'exact' ? [] : [speed]),
    ...(control ? ['control'] : []),
    ...(upscaler ? [upscaler] : []),
  ].join('/');
}
