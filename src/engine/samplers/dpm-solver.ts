import { sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';
import { beginVpRun } from './vp-run.js';

/** With fewer steps than this the last one is of first order, which keeps it from overshooting. */
const FEW_STEPS = 15;

/**
 * DPM-Solver++(2M) over even timesteps, as the reference's --dpm_solver (Lu et al. 2022). One model call per step. `dpmpp_2m`
 * is the same method over k-diffusion's levels, down to no noise at all.
 */
export const dpmSolver: Sampler = async function* (options) {
  let { x, levels, denoise } = beginVpRun(options);
  const total = levels.length - 1;
  let before: Float32Array | undefined;
  for (let i = 0; i < total; i++) {
    const [from, to] = [levels[i]!, levels[i + 1]!];
    const predicted = await denoise(x, from);
    let target = predicted;
    if (before && !(i + 1 === total && total < FEW_STEPS)) {
      const r = (from.lambda - levels[i - 1]!.lambda) / (to.lambda - from.lambda);
      target = sum([1 + 1 / (2 * r), predicted], [-1 / (2 * r), before]);
    }
    before = predicted;
    const latents = sum([to.noise / from.noise, x], [-to.signal * Math.expm1(from.lambda - to.lambda), target]);
    yield { index: i + 1, total, latents, predicted, signal: to.signal, noise: to.noise };
    x = latents;
  }
  return x;
};
