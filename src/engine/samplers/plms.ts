import { adamsBashforth } from './adams-bashforth.js';
import { ddimStep, levelBelow } from './ddim.js';
import { ddimSchedule, ddimStart } from './ddim-schedule.js';
import type { Sampler } from './sampler.js';

const { fround } = Math;

/**
 * Pseudo linear multistep (PNDM, Liu et al. 2022), as the reference's PLMSSampler: Adams-Bashforth on the noise
 * prediction, with a Heun step to begin. One model call per step and one more in the first.
 */
export const plms: Sampler = async function* ({ predict, alphasCumprod, steps, timesteps, start, begin, randn }) {
  const schedule = ddimSchedule(alphasCumprod, steps, 0, timesteps);
  let { x, left } = ddimStart(schedule, start, steps);
  begin?.(left);
  // Earlier predictions, newest first, at most three.
  let earlier: Float32Array[] = [];
  for (let index = left - 1; index >= 0; index--) {
    const prediction = await predict(x, schedule.timesteps[index]!);
    const e = prediction.noise;
    let direction: Float32Array;
    if (earlier.length) {
      direction = adamsBashforth([e, ...earlier]);
    } else {
      const ahead = ddimStep(schedule, index, x, prediction, randn()).latents;
      const { noise: eAhead } = await predict(ahead, schedule.timesteps[Math.max(index - 1, 0)]!);
      direction = e.map((value, i) => fround(value + eAhead[i]!) / 2);
    }
    // Where x has no signal, no noise prediction leads to z0.
    const { denoised } = schedule.alphas[index] === 0 ? prediction : {};
    const { latents, predicted } = ddimStep(schedule, index, x, { noise: direction, denoised }, randn());
    earlier = [e, ...earlier].slice(0, 3);
    yield { index: left - index, total: left, latents, predicted, ...levelBelow(schedule, index) };
    x = latents;
  }
  return x;
};
