import { ancestralStep } from './euler-ancestral.js';
import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

/**
 * DPM-Solver++(2S) on the diffusion SDE, eta 1 (k-diffusion's sample_dpmpp_sde, r = 1/2). Two model calls per step, one in the
 * last. The noise of a step's first half is part of the whole step's, as on a Brownian path: two draws per step, none in the last.
 */
export const dpmppSde: Sampler = async function* (options) {
  let { x, sigmas, denoise, stepped } = beginRun(options);
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    const denoised = await denoise(x, from);
    let next = denoised;
    if (to > 0) {
      const middle = Math.sqrt(from * to);
      const early = options.randn();
      const half = ancestralStep(from, middle);
      const ahead = sum([half.down / from, x], [1 - half.down / from, denoised], [half.up, early]);
      const denoisedAhead = await denoise(ahead, middle);
      // r = 1/2 makes the second evaluation's weight 1 / (2r) = 1, and the first one's 0.
      const whole = ancestralStep(from, to);
      const [first, second] = [from - middle, middle - to].map((part) => whole.up * Math.sqrt(part / (from - to)));
      next = sum(
        [whole.down / from, x],
        [1 - whole.down / from, denoisedAhead],
        [first!, early],
        [second!, options.randn()],
      );
    }
    x = yield* stepped(i, next, denoised);
  }
  return x;
};
