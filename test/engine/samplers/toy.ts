import type { Predict, SampleOptions, Sampler, Step } from '../../../src/engine/samplers/sampler.js';

/** Stable Diffusion's training schedule: betas from 0.00085 to 0.012, evenly spaced in their square roots. */
export const alphasCumprod = new Float32Array(1000);
let product = 1;
for (let t = 0; t < 1000; t++) {
  const root = Math.sqrt(0.00085) + ((Math.sqrt(0.012) - Math.sqrt(0.00085)) * t) / 999;
  product *= 1 - root * root;
  alphasCumprod[t] = product;
}

/** A noise prediction that depends smoothly, and not linearly, on latents and timestep. test/fixtures/samplers.py has the same. */
export const toyPredict: Predict = async (x, t) => ({
  noise: x.map((value, i) => 0.8 * value + 0.3 * Math.sin(2 * value + i) + (0.2 * t) / 1000),
});

/** Runs a sampler to its end. Latents of every step are copied, since later steps may change them. */
export async function run(
  sampler: Sampler,
  options: Partial<SampleOptions> & Pick<SampleOptions, 'steps' | 'start'>,
): Promise<{ steps: Step[]; latents: Float32Array }> {
  const generator = sampler({
    predict: toyPredict,
    alphasCumprod,
    randn: () => new Float32Array(options.start.noise.length),
    ...options,
  });
  const steps: Step[] = [];
  for (;;) {
    const { done, value } = await generator.next();
    if (done) return { steps, latents: value };
    steps.push({ ...value, latents: value.latents.slice() });
  }
}

export function largestDifference(a: Float32Array, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}
