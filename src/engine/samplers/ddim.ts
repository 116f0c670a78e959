import { type DdimSchedule, ddimSchedule, ddimStart, fallingTimesteps } from './ddim-schedule.js';
import type { Prediction, Sampler } from './sampler.js';

const { fround, sqrt } = Math;

/**
 * Denoising diffusion implicit models (Song et al. 2021), as the reference's DDIMSampler: one model call per step, noise
 * drawn at every step even where eta is 0.
 */
export const ddim: Sampler = async function* (options) {
  const { predict, alphasCumprod, steps, eta = 0, start, begin, randn } = options;
  const schedule = ddimSchedule(alphasCumprod, steps, eta, fallingTimesteps(options));
  let { x, left } = ddimStart(schedule, start, steps);
  begin?.(left);
  for (let index = left - 1; index >= 0; index--) {
    const prediction = await predict(x, schedule.timesteps[index]!);
    const { latents, predicted } = ddimStep(schedule, index, x, prediction, randn());
    yield { index: left - index, total: left, latents, predicted, ...levelBelow(schedule, index) };
    x = latents;
  }
  return x;
};

/**
 * Equation 12 of the DDIM paper, each operation rounded to float32 as the reference's tensors are. Nothing is clipped.
 *
 * @param noise standard normal, of x's size; its share is the schedule's sigma.
 */
export function ddimStep(
  { alphas, alphasPrev, sigmas }: DdimSchedule,
  index: number,
  x: Float32Array,
  prediction: Prediction,
  noise: Float32Array,
): { latents: Float32Array; predicted: Float32Array } {
  const [alpha, previous, sigma] = [alphas[index]!, alphasPrev[index]!, sigmas[index]!];
  const signal = fround(sqrt(alpha));
  const noiseShare = fround(sqrt(fround(1 - alpha)));
  const signalBelow = fround(sqrt(previous));
  const noiseShareBelow = fround(sqrt(fround(fround(1 - previous) - fround(sigma * sigma))));
  const latents = new Float32Array(x.length);
  const predicted = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const e = prediction.noise[i]!;
    const x0 = prediction.denoised?.[i] ?? fround(fround(x[i]! - fround(noiseShare * e)) / signal);
    predicted[i] = x0;
    latents[i] = fround(fround(signalBelow * x0) + fround(noiseShareBelow * e)) + fround(sigma * noise[i]!);
  }
  return { latents, predicted };
}

/** Signal and noise in the latents after the step at `index`. */
export function levelBelow({ alphasPrev }: DdimSchedule, index: number): { signal: number; noise: number } {
  return { signal: sqrt(alphasPrev[index]!), noise: sqrt(1 - alphasPrev[index]!) };
}
