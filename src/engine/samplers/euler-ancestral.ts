import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

/**
 * Euler's method to a level below the next one, and fresh noise up to it (k-diffusion's sample_euler_ancestral, eta 1). One
 * model call per step; noise is drawn at every step but the last.
 */
export const eulerAncestral: Sampler = async function* (options) {
  let { x, sigmas, denoise, stepped } = beginRun(options);
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const denoised = await denoise(x, sigmas[i]!);
    const { down, up } = ancestralStep(sigmas[i]!, sigmas[i + 1]!);
    const ratio = down / sigmas[i]!;
    const next = sum([ratio, x], [1 - ratio, denoised]);
    x = yield* stepped(i, up > 0 ? sum([1, next], [up, options.randn()]) : next, denoised);
  }
  return x;
};

/** Splits a step between two levels into the part that removes noise and the noise that is added again: to^2 = down^2 + up^2. */
export function ancestralStep(from: number, to: number): { down: number; up: number } {
  const up = Math.min(to, Math.sqrt((to ** 2 * (from ** 2 - to ** 2)) / from ** 2));
  return { down: Math.sqrt(to ** 2 - up ** 2), up };
}
