import { sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';
import { beginVpRun, type Level } from './vp-run.js';

interface Past {
  readonly level: Level;
  readonly denoised: Float32Array;
}

/** Order of the predictor, and the paper's B(h): h itself is its bh1, expm1(h) its bh2. */
interface Form {
  readonly order: number;
  readonly scale: (h: number) => number;
}

/**
 * UniPC of third order, B(h) = h, over even timesteps (Zhao et al. 2023; AUTOMATIC1111's defaults). One model call per step,
 * which first corrects where the step before it arrived.
 */
export const unipc: Sampler = unipcOf({ order: 3, scale: (h) => h });

export function unipcOf({ order: highest, scale }: Form): Sampler {
  return async function* (options) {
    let { x, levels, denoise } = beginVpRun(options);
    const total = levels.length - 1;
    // Newest first.
    let past: Past[] = [];
    let arrival: { from: Float32Array; predicted: Float32Array; order: number } | undefined;
    for (let i = 0; i < total; i++) {
      const [level, next] = [levels[i]!, levels[i + 1]!];
      const denoised = await denoise(x, level);
      if (arrival) {
        // Applied as a difference, to keep what the consumer painted into x between the steps.
        const corrected = advance(scale, arrival.from, past.slice(0, arrival.order), level, denoised);
        x = sum([1, x], [1, corrected], [-1, arrival.predicted]);
      }
      past = [{ level, denoised }, ...past].slice(0, highest);
      const order = Math.min(past.length, total - i);
      const latents = advance(scale, x, past.slice(0, order), next);
      arrival = { from: x, predicted: latents.slice(), order };
      yield { index: i + 1, total, latents, predicted: denoised, signal: next.signal, noise: next.noise };
      x = latents;
    }
    return x;
  };
}

/**
 * One step of UniP from the newest of `past` to `to`, or of UniC when the prediction at `to` is known too (algorithms 5 and
 * 6 of the paper, data prediction).
 */
function advance(
  scale: Form['scale'],
  x: Float32Array,
  past: readonly Past[],
  to: Level,
  denoisedThere?: Float32Array,
): Float32Array {
  const [now, ...earlier] = past as [Past, ...Past[]];
  const h = to.lambda - now.level.lambda;
  const nodes = earlier.map(({ level, denoised }) => ({ r: (level.lambda - now.level.lambda) / h, denoised }));
  if (denoisedThere) nodes.push({ r: 1, denoised: denoisedThere });
  const b = scale(-h);
  const rs = nodes.map((node) => node.r);
  const weights = nodes.length === 1 ? [0.5] : solve(moments(rs, -h, b));
  const shares = rs.map((r, k) => (-to.signal * b * weights[k]!) / r);
  return sum(
    [to.noise / now.level.noise, x],
    [-to.signal * Math.expm1(-h) - shares.reduce((a, b) => a + b, 0), now.denoised],
    ...nodes.map(({ denoised }, k) => [shares[k]!, denoised] as const),
  );
}

/** The equations that the weights of points r must meet: row k is sum of w_i r_i^k = k! phi_(k+1)(h) h / b, right side last. */
function moments(rs: readonly number[], h: number, b: number): number[][] {
  let phi = Math.expm1(h) / h - 1;
  let factorial = 1;
  return rs.map((_, k) => {
    factorial *= k + 1;
    const right = (phi * factorial) / b;
    phi = phi / h - 1 / (factorial * (k + 2));
    return [...rs.map((r) => r ** k), right];
  });
}

/** Gauss and Jordan's elimination; the points differ, so the pivots are not 0. */
function solve(rows: number[][]): number[] {
  rows.forEach((pivotRow, k) => {
    const pivot = pivotRow[k]!;
    for (let column = k; column < pivotRow.length; column++) pivotRow[column]! /= pivot;
    rows.forEach((row, other) => {
      if (other === k) return;
      const factor = row[k]!;
      for (let column = k; column < row.length; column++) row[column]! -= factor * pivotRow[column]!;
    });
  });
  return rows.map((row) => row.at(-1)!);
}
