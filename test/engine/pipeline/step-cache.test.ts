import { describe, expect, test } from 'vitest';
import { StepCache } from '../../../src/engine/pipeline/step-cache.js';
import type { Predict } from '../../../src/engine/samplers/sampler.js';
import { SAMPLERS, type SamplerName } from '../../../src/engine/samplers/table.js';

const alphasCumprod = Float32Array.from({ length: 1000 }, (_, t) => Math.cos(((t + 1) / 1002) * (Math.PI / 2)) ** 2);
const alphaAt = (timestep: number) => Math.cos(((timestep + 1) / 1002) * (Math.PI / 2)) ** 2;

/** Foresees z0 = place + timestep / 1000 in every place, whatever noise it is given, and counts. */
function straight(): { predict: Predict; asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    async predict(latents, timestep) {
      asked.push(timestep);
      const [signal, noise] = [Math.sqrt(alphaAt(timestep)), Math.sqrt(1 - alphaAt(timestep))];
      return { noise: latents.map((x, place) => (x - signal * (place + timestep / 1000)) / noise) };
    },
  };
}

async function sampled(sampler: SamplerName, steps: number, interval: number, rows = [1, 2, 3]) {
  const { predict, asked } = straight();
  const cache = new StepCache(predict, alphaAt, interval);
  const noise = Float32Array.from(rows, (row) => Math.sin(row));
  const each: number[] = [];
  const run = SAMPLERS[sampler].sample({
    predict: cache.predict,
    alphasCumprod,
    steps,
    start: { noise },
    randn: () => noise.map((value) => -value),
  });
  for (;;) {
    const { done, value } = await run.next();
    if (done) return { latents: value, each, asked: asked.length };
    each.push(asked.length - each.reduce((sum, one) => sum + one, 0));
    cache.stepped(value);
  }
}

describe('steps left out', () => {
  test('every other one: the first three and the last are run', async () => {
    const { each } = await sampled('dpmpp_2m', 16, 2);
    expect(each).toEqual([1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1]);
  });

  test('two of three: the first four and the last are run', async () => {
    const { each } = await sampled('dpmpp_2m', 16, 3);
    expect(each).toEqual([1, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
  });

  test('none with an interval of 1, and none of fewer than sixteen', async () => {
    expect((await sampled('dpmpp_2m', 16, 1)).asked).toBe(16);
    expect((await sampled('dpmpp_2m', 15, 2)).asked).toBe(15);
    expect((await sampled('lcm', 8, 3)).asked).toBe(8);
  });

  test('a step that predicts twice is left out as a whole', async () => {
    const { each } = await sampled('heun', 16, 2);
    expect(each).toEqual([2, 2, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 1]);
  });
});

describe('a prediction that goes in a straight line is foreseen', () => {
  test.each(Object.keys(SAMPLERS) as SamplerName[])('by %s', async (sampler) => {
    const [whole, less] = [await sampled(sampler, 20, 1), await sampled(sampler, 20, 2)];
    expect(less.asked).toBeLessThan(whole.asked * 0.7);
    for (const [place, value] of less.latents.entries()) expect(value).toBeCloseTo(whole.latents[place]!, 2);
  });
});

test('where there is no signal, the prediction of the latents is taken as it is', async () => {
  const z0 = Float32Array.of(3);
  const cache = new StepCache(
    async () => ({ noise: Float32Array.of(1), denoised: z0 }),
    (timestep) => (timestep === 999 ? 0 : 0.5),
    2,
  );
  for (let index = 1; index <= 3; index++) {
    await cache.predict(Float32Array.of(1), 1000 - index);
    cache.stepped({ index, total: 20 });
  }
  const { denoised, noise } = await cache.predict(Float32Array.of(1), 996);
  expect([...denoised!]).toEqual([3]);
  expect(noise[0]).toBeCloseTo((1 - 3 * Math.SQRT1_2) / Math.SQRT1_2, 5);
});

test('a picture does not depend on those beside it', async () => {
  const together = await sampled('dpmpp_2m', 18, 3, [1, 2, 3]);
  const alone = await sampled('dpmpp_2m', 18, 3, [1]);
  expect(together.latents[0]).toBe(alone.latents[0]);
});
