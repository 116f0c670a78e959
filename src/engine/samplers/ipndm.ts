import { adamsBashforth } from './adams-bashforth.js';
import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

const ORDER = 4;

/**
 * Improved pseudo linear multistep (Zhang & Chen 2022, section 4; diffusers' IPNDMScheduler): Adams-Bashforth on the noise
 * prediction over up to four steps, without the Heun step that PLMS begins with. The last step is Euler's, as in ComfyUI. One
 * model call per step.
 */
export const ipndm: Sampler = async function* (options) {
  let { x, sigmas, denoise, stepped } = beginRun(options);
  // Newest first.
  let slopes: Float32Array[] = [];
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    const denoised = await denoise(x, from);
    slopes = [sum([1 / from, x], [-1 / from, denoised]), ...slopes].slice(0, ORDER);
    const next = to > 0 ? sum([1, x], [to - from, adamsBashforth(slopes)]) : denoised;
    x = yield* stepped(i, next, denoised);
  }
  return x;
};
