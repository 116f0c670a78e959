import { ancestralStep } from './euler-ancestral.js';
import { beginRun, sum } from './k-diffusion.js';
import type { SampleOptions, Sampler, Step } from './sampler.js';

/**
 * DPM-Solver-2 (Lu et al. 2022; k-diffusion's sample_dpm_2 without churn): the slope at the geometric middle of a step. Two
 * model calls per step, one in the last.
 */
export const dpm2: Sampler = (options) => run(options, false);

/** The same to a level below the next one, and fresh noise up to it (sample_dpm_2_ancestral, eta 1): none in the last step. */
export const dpm2Ancestral: Sampler = (options) => run(options, true);

async function* run(options: SampleOptions, ancestral: boolean): AsyncGenerator<Step, Float32Array> {
  let { x, sigmas, denoise, stepped } = beginRun(options, { withoutSmallest: true });
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    const denoised = await denoise(x, from);
    const { down, up } = ancestral ? ancestralStep(from, to) : { down: to, up: 0 };
    let next = denoised;
    if (down > 0) {
      const middle = Math.sqrt(from * down);
      const halfway = sum([middle / from, x], [1 - middle / from, denoised]);
      const ahead = await denoise(halfway, middle);
      const share = (down - from) / middle;
      next = sum([1, x], [share, halfway], [-share, ahead]);
    }
    x = yield* stepped(i, up > 0 ? sum([1, next], [up, options.randn()]) : next, denoised);
  }
  return x;
}
