import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

/**
 * DPM-Solver++(2M) on the diffusion SDE, midpoint form, eta 1 (Lu et al. 2022; k-diffusion's sample_dpmpp_2m_sde). One model
 * call per step; noise is drawn at every step but the last. k-diffusion takes its noise from a Brownian tree: over steps that
 * follow each other that is independent normal noise, as here.
 */
export const dpmpp2mSde: Sampler = async function* (options) {
  let { x, sigmas, denoise, stepped } = beginRun(options);
  let before: Float32Array | undefined;
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    const denoised = await denoise(x, from);
    let next = denoised;
    if (to > 0) {
      let target = denoised;
      if (before) {
        const r = Math.log(sigmas[i - 1]! / from) / Math.log(from / to);
        target = sum([1 + 1 / (2 * r), denoised], [-1 / (2 * r), before]);
      }
      // The step goes as far below the next level as the fresh noise goes up again.
      const kept = (to / from) ** 2;
      next = sum([kept, x], [1 - kept, target], [to * Math.sqrt(1 - kept), options.randn()]);
    }
    before = denoised;
    x = yield* stepped(i, next, denoised);
  }
  return x;
};
