import type { SampleOptions } from './sampler.js';
import { SAMPLERS, type SamplerEntry } from './table.js';

/**
 * How many steps repainting a picture takes, as its sampler will say when it begins: some take trunc(strength * steps), some
 * one more, some all. A sampler of one's own is not begun for that, and taken to be one of the first.
 */
export function stepsTaken(
  { sampler, ...options }: Pick<SampleOptions, 'steps' | 'eta' | 'sigmas' | 'timesteps'> & { sampler: SamplerEntry },
  alphasCumprod: Float32Array,
  strength: number,
): number {
  let taken = Math.trunc(strength * options.steps);
  if (!Object.values<SamplerEntry>(SAMPLERS).includes(sampler)) return taken;
  const one = new Float32Array(1);
  const run = sampler.sample({
    ...options,
    alphasCumprod,
    start: { latents: one, noise: one, strength },
    begin: (total) => {
      taken = total;
    },
    predict: () => Promise.reject(new Error('Nothing is predicted.')),
    randn: () => one,
  });
  // Until it waits for the first prediction, all happens at once.
  run.next().catch(() => {});
  return taken;
}
