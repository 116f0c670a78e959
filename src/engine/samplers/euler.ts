import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

/** Euler's method on the probability-flow ODE (Karras et al. 2022, algorithm 2 without churn). One model call per step. */
export const euler: Sampler = async function* (options) {
  let { x, sigmas, denoise, stepped } = beginRun(options);
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const denoised = await denoise(x, sigmas[i]!);
    const ratio = sigmas[i + 1]! / sigmas[i]!;
    x = yield* stepped(i, sum([ratio, x], [1 - ratio, denoised]), denoised);
  }
  return x;
};
