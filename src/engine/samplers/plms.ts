import { ddimStep, levelBelow } from './ddim.js';
import { ddimSchedule, ddimStart } from './ddim-schedule.js';
import type { Sampler } from './sampler.js';

const { fround } = Math;

/**
 * Pseudo linear multistep (PNDM, Liu et al. 2022), as the reference's PLMSSampler: Adams-Bashforth on the noise
 * prediction, with a Heun step to begin. One model call per step and one more in the first.
 */
export const plms: Sampler = async function* ({ predict, alphasCumprod, steps, start, randn }) {
  const schedule = ddimSchedule(alphasCumprod, steps);
  let { x, left } = ddimStart(schedule, start, steps);
  // Earlier predictions, newest first, at most three.
  let earlier: Float32Array[] = [];
  for (let index = left - 1; index >= 0; index--) {
    const e = await predict(x, schedule.timesteps[index]!);
    let direction: Float32Array;
    if (earlier.length) {
      direction = adamsBashforth([e, ...earlier]);
    } else {
      const ahead = ddimStep(schedule, index, x, e, randn()).latents;
      const eAhead = await predict(ahead, schedule.timesteps[Math.max(index - 1, 0)]!);
      direction = e.map((value, i) => fround(value + eAhead[i]!) / 2);
    }
    const { latents, predicted } = ddimStep(schedule, index, x, direction, randn());
    earlier = [e, ...earlier].slice(0, 3);
    yield { index: left - index, total: left, latents, predicted, ...levelBelow(schedule, index) };
    x = latents;
  }
  return x;
};

/** Weights of the predictions, newest first, and their divisor, for two to four of them. */
const ADAMS_BASHFORTH = [
  { weights: [3, -1], divisor: 2 },
  { weights: [23, -16, 5], divisor: 12 },
  { weights: [55, -59, 37, -9], divisor: 24 },
] as const;

function adamsBashforth(predictions: readonly Float32Array[]): Float32Array {
  const { weights, divisor } = ADAMS_BASHFORTH[predictions.length - 2]!;
  return predictions[0]!.map((_, i) => {
    let sum = 0;
    for (let k = 0; k < weights.length; k++) sum = fround(sum + fround(weights[k]! * predictions[k]![i]!));
    return sum / divisor;
  });
}
