import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

/** DPM-Solver++(2M) (Lu et al. 2022, algorithm 2; k-diffusion's sample_dpmpp_2m). One model call per step. */
export const dpmpp2m: Sampler = async function* (options) {
  let { x, sigmas, denoise, stepped } = beginRun(options);
  let before: Float32Array | undefined;
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    const denoised = await denoise(x, from);
    const ratio = to / from;
    let target = denoised;
    if (before && to > 0) {
      const r = Math.log(sigmas[i - 1]! / from) / Math.log(from / to);
      target = sum([1 + 1 / (2 * r), denoised], [-1 / (2 * r), before]);
    }
    before = denoised;
    x = yield* stepped(i, sum([ratio, x], [1 - ratio, target]), denoised);
  }
  return x;
};
