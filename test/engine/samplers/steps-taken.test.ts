import { describe, expect, test } from 'vitest';
import { ownSampler } from '../../../src/engine/samplers/own.js';
import { stepsTaken } from '../../../src/engine/samplers/steps-taken.js';
import { SAMPLERS, type SamplerName } from '../../../src/engine/samplers/table.js';

const alphasCumprod = Float32Array.from({ length: 1000 }, (_, t) => Math.cos(((t + 1) / 1002) * (Math.PI / 2)) ** 2);

async function taken(name: SamplerName, steps: number, strength: number): Promise<number> {
  const one = Float32Array.of(0.5);
  const run = SAMPLERS[name].sample({
    predict: async () => ({ noise: one }),
    alphasCumprod,
    steps,
    start: { latents: one, noise: one, strength },
    randn: () => one,
  });
  let count = 0;
  while (!(await run.next()).done) count++;
  return count;
}

describe('the steps of a picture that is repainted are known before it is', () => {
  test.each(Object.keys(SAMPLERS) as SamplerName[])('%s', async (name) => {
    for (const strength of [0, 0.1, 0.3, 0.5, 1]) {
      const known = stepsTaken({ sampler: SAMPLERS[name], steps: 4 }, alphasCumprod, strength);
      expect([strength, known]).toEqual([strength, await taken(name, 4, strength)]);
    }
  });

  test("but a sampler of one's own is not begun", () => {
    const sampler = ownSampler(() => {
      throw new Error('begun');
    })!;
    expect(stepsTaken({ sampler, steps: 10 }, alphasCumprod, 0.55)).toBe(5);
  });
});
