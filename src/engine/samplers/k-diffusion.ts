import { malformed, shown } from '../check.js';
import type { SampleOptions, Step } from './sampler.js';
import { NoiseLevels } from './sigmas.js';

/** One run of a sampler of k-diffusion's family. Latents x = z0 + sigma * n, as those samplers are written. */
export interface Run {
  readonly x: Float32Array;
  /** Falling levels, one more than there are steps; the last is 0. */
  readonly sigmas: readonly number[];
  /** The picture's latents z0 as the model sees them through x (k-diffusion's CompVisDenoiser). */
  denoise(x: Float32Array, sigma: number): Promise<Float32Array>;
  /** Yields the step from sigmas[i] to sigmas[i + 1]. @returns x, with the consumer's changes. */
  stepped(i: number, x: Float32Array, denoised: Float32Array): Generator<Step, Float32Array>;
}

/**
 * Begins a run as AUTOMATIC1111 does. A picture is noised to the level from which trunc(strength * steps) + 1 steps are
 * left, strength being cut to 0.999 (its setup_img2img_steps); at strength 0 it is kept and there is no step.
 *
 * @param withoutSmallest see {@link NoiseLevels.scheduleWithoutSmallest}.
 */
export function beginRun(
  { predict, alphasCumprod, steps, sigmas: spacing = 'default', start, begin }: SampleOptions,
  { withoutSmallest = false } = {},
): Run {
  const levels = new NoiseLevels(alphasCumprod);
  let sigmas: readonly number[];
  if (typeof spacing !== 'string') sigmas = spacing;
  else if (withoutSmallest) sigmas = levels.scheduleWithoutSmallest(steps, spacing);
  else sigmas = levels.schedule(steps, spacing);
  let x: Float32Array;
  if ('latents' in start) {
    const left = start.strength === 0 ? 0 : Math.trunc(Math.min(start.strength, 0.999) * steps) + 1;
    sigmas = sigmas.slice(steps - left);
    x = sum([1, start.latents], [sigmas[0]!, start.noise]);
  } else {
    x = sum([sigmas[0]!, start.noise]);
  }
  begin?.(sigmas.length - 1);
  return {
    x,
    sigmas,
    async denoise(x, sigma) {
      if (!(x instanceof Float32Array) || !(sigma > 0)) {
        throw malformed(
          'denoise',
          `takes latents in a Float32Array and their level, got ${shown(x)} and ${shown(sigma)}.`,
        );
      }
      const { noise, denoised } = await predict(sum([signalAt(sigma), x]), levels.timestepAt(sigma));
      return denoised ?? sum([1, x], [-sigma, noise]);
    },
    *stepped(i, x, denoised) {
      const signal = signalAt(sigmas[i + 1]!);
      const latents = sum([signal, x]);
      yield {
        index: i + 1,
        total: sigmas.length - 1,
        latents,
        predicted: denoised,
        signal,
        noise: signal * sigmas[i + 1]!,
      };
      return sum([1 / signal, latents]);
    },
  };
}

/** What x is multiplied by to become latents that keep their variance, x = signal * z0 + noise * n with signal^2 + noise^2 = 1. */
function signalAt(sigma: number): number {
  return 1 / Math.sqrt(1 + sigma * sigma);
}

/** A linear combination of vectors, rounded to float32 once. */
export function sum(...terms: readonly (readonly [factor: number, vector: Float32Array])[]): Float32Array {
  const total = new Float32Array(terms[0]![1].length);
  for (let i = 0; i < total.length; i++) {
    let value = 0;
    for (const [factor, vector] of terms) value += factor * vector[i]!;
    total[i] = value;
  }
  return total;
}
