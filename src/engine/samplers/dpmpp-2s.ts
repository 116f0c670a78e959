import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

/**
 * DPM-Solver++(2S) over pairs of steps (Lu et al. 2022; diffusers' DPMSolverSinglestepScheduler, order 2): every second step
 * goes again from where the pair began, with the slope of both. The last is of first order. One model call per step.
 */
export const dpmpp2s: Sampler = async function* (options) {
  let { x, sigmas, denoise, stepped } = beginRun(options);
  const total = sigmas.length - 1;
  let began: { x: Float32Array; denoised: Float32Array } | undefined;
  for (let i = 0; i < total; i++) {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    const denoised = await denoise(x, from);
    let next: Float32Array;
    if (began && i + 1 < total) {
      const first = sigmas[i - 1]!;
      const r = Math.log(first / from) / Math.log(first / to);
      const target = sum([1 - 1 / (2 * r), began.denoised], [1 / (2 * r), denoised]);
      next = sum([to / first, began.x], [1 - to / first, target]);
      began = undefined;
    } else {
      next = sum([to / from, x], [1 - to / from, denoised]);
      began = { x, denoised };
    }
    x = yield* stepped(i, next, denoised);
  }
  return x;
};
