import { beginRun, sum } from './k-diffusion.js';
import type { SampleOptions, Sampler, Step } from './sampler.js';

/**
 * DPM-Solver++(2M) on the diffusion SDE, midpoint form, eta 1 (Lu et al. 2022; k-diffusion's sample_dpmpp_2m_sde). One model
 * call per step; noise is drawn at every step but the last. k-diffusion takes its noise from a Brownian tree: over steps that
 * follow each other that is independent normal noise, as here.
 */
export const dpmpp2mSde: Sampler = (options) => run(options, (h) => -Math.expm1(-2 * h) / 2);

/** The same in Heun's form: the slope between the last two predictions is integrated, not taken at the middle. */
export const dpmpp2mSdeHeun: Sampler = (options) => run(options, slopeWeight);

/** The integral of a slope in log sigma over a step of h, with the noise of the SDE: phi_2(-2h) * 2h. */
export function slopeWeight(h: number): number {
  return Math.expm1(-2 * h) / (2 * h) + 1;
}

async function* run(options: SampleOptions, weight: (h: number) => number): AsyncGenerator<Step, Float32Array> {
  let { x, sigmas, denoise, stepped } = beginRun(options);
  let before: Float32Array | undefined;
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    const denoised = await denoise(x, from);
    let next = denoised;
    if (to > 0) {
      // The step goes as far below the next level as the fresh noise goes up again.
      const kept = (to / from) ** 2;
      next = sum([kept, x], [1 - kept, denoised], [to * Math.sqrt(1 - kept), options.randn()]);
      if (before) {
        const h = Math.log(from / to);
        const slope = (weight(h) * h) / Math.log(sigmas[i - 1]! / from);
        next = sum([1, next], [slope, denoised], [-slope, before]);
      }
    }
    before = denoised;
    x = yield* stepped(i, next, denoised);
  }
  return x;
}
