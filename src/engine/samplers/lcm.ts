import { wholeInRange } from '../check.js';
import { sum } from './k-diffusion.js';
import type { SampleOptions, Sampler } from './sampler.js';

/** Steps of the DDIM solver that the published models were distilled over; sampling uses some of them. */
const DISTILLED_STEPS = 50;

/**
 * Multistep consistency sampling for latent consistency models (Luo et al. 2023, algorithm 3; diffusers' LCMScheduler): each
 * step jumps to z0 and adds fresh noise down to the next level. One model call per step; noise is drawn at every step but the
 * last. Good for 2 to 8 steps. A picture is repainted in all the steps, from trunc(50 * strength) / 50 of the way.
 *
 * @throws RequestError unless steps is a whole number from 1 to the number of timesteps.
 */
export const lcm: Sampler = async function* (options) {
  const { predict, alphasCumprod, start, begin, randn } = options;
  const timesteps = lcmTimesteps(options);
  const total = timesteps.length;
  begin?.(total);
  if ('latents' in start && total === 0) return start.latents.slice();
  const signals = timesteps.map((t) => Math.sqrt(alphasCumprod[t]!));
  const noises = timesteps.map((t) => Math.sqrt(1 - alphasCumprod[t]!));

  let x = 'latents' in start ? sum([signals[0]!, start.latents], [noises[0]!, start.noise]) : start.noise;
  for (let i = 0; i < total; i++) {
    const t = timesteps[i]!;
    const prediction = await predict(x, t);
    const { skip, out } = boundary(t);
    const predicted = prediction.denoised
      ? sum([skip, x], [out, prediction.denoised])
      : sum([skip + out / signals[i]!, x], [(-out * noises[i]!) / signals[i]!, prediction.noise]);
    const [signal, noise] = i + 1 < total ? [signals[i + 1]!, noises[i + 1]!] : [1, 0];
    const latents = noise ? sum([signal, predicted], [noise, randn()]) : predicted.slice();
    yield { index: i + 1, total, latents, predicted, signal, noise };
    x = latents;
  }
  return x;
};

/** Falling timesteps: evenly chosen from those that the model was distilled over, or the last of those that somebody chose. */
export function lcmTimesteps({
  alphasCumprod,
  steps,
  timesteps,
  start,
}: Pick<SampleOptions, 'alphasCumprod' | 'steps' | 'timesteps' | 'start'>): number[] {
  const trained = alphasCumprod.length;
  wholeInRange('steps', steps, 1, trained);
  const strength = 'latents' in start ? start.strength : 1;
  if (timesteps) return timesteps.slice(timesteps.length - Math.trunc(timesteps.length * strength));
  const distilled = Math.max(DISTILLED_STEPS, steps);
  const stride = Math.floor(trained / distilled);
  const used = Math.trunc(distilled * strength);
  const count = Math.min(steps, used);
  return Array.from({ length: count }, (_, i) => (used - Math.floor((i * used) / count)) * stride - 1);
}

/** Weights of x and of z0 that make the model the identity at t = 0 (Song et al. 2023, with diffusers' timestep scaling of 10). */
function boundary(timestep: number): { skip: number; out: number } {
  const sigmaData = 0.5;
  const scaled = 10 * timestep;
  const variance = scaled ** 2 + sigmaData ** 2;
  return { skip: sigmaData ** 2 / variance, out: scaled / Math.sqrt(variance) };
}
