import { ancestralStep } from './euler-ancestral.js';
import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

/**
 * DPM-Solver++(2S) to a level below the next one, and fresh noise up to it (Lu et al. 2022; k-diffusion's
 * sample_dpmpp_2s_ancestral, eta 1). Two model calls per step, one and no noise in the last.
 */
export const dpmpp2sAncestral: Sampler = async function* (options) {
  let { x, sigmas, denoise, stepped } = beginRun(options);
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const from = sigmas[i]!;
    const denoised = await denoise(x, from);
    const { down, up } = ancestralStep(from, sigmas[i + 1]!);
    let next = denoised;
    if (down > 0) {
      const middle = Math.sqrt(from * down);
      const ahead = await denoise(sum([middle / from, x], [1 - middle / from, denoised]), middle);
      next = sum([down / from, x], [1 - down / from, ahead], [up, options.randn()]);
    }
    x = yield* stepped(i, next, denoised);
  }
  return x;
};
