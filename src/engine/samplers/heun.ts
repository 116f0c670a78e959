import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

/** Heun's method on the probability-flow ODE (Karras et al. 2022, algorithm 2 without churn). Two model calls per step, one in the last. */
export const heun: Sampler = async function* (options) {
  let { x, sigmas, denoise, stepped } = beginRun(options);
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    const denoised = await denoise(x, from);
    const ratio = to / from;
    let next = sum([ratio, x], [1 - ratio, denoised]);
    if (to > 0) {
      // The slope (x - denoised) / sigma, averaged over both ends of the step.
      const ahead = await denoise(next, to);
      const half = (to - from) / 2;
      next = sum([1 + half / from, x], [-half / from, denoised], [half / to, next], [-half / to, ahead]);
    }
    x = yield* stepped(i, next, denoised);
  }
  return x;
};
