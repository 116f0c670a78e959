import { describe, expect, test } from 'vitest';
import { plms } from '../../../src/engine/samplers/plms.js';
import { golden } from './golden.js';
import { alphasCumprod, largestDifference, run, toyPredict } from './toy.js';

describe('the reference picture from its own noise predictions', () => {
  test('oracle: plms_S10_scale7.5_b2', async () => {
    const folder = 'plms_S10_scale7.5_b2';
    const xs = golden(`${folder}/x_all.npy`).data;
    const predictions = golden(`${folder}/eps_all.npy`).data;
    const x0s = golden(`${folder}/pred_x0_all.npy`).data;
    const alphas = golden('buffers/alphas_cumprod.npy').data;
    const size = xs.length / 11;
    const row = (all: Float32Array, k: number) => all.subarray(k * size, (k + 1) * size);
    // The golden leaves the first step's second prediction out. It follows from that step's z0: (e + e2) / 2 is its direction.
    const a = alphas[901]!;
    const ahead = row(x0s, 0).map((x0, i) => {
      const direction = (xs[i]! - Math.sqrt(a) * x0) / Math.sqrt(1 - a);
      return 2 * direction - predictions[i]!;
    });
    const queue = [row(predictions, 0), ahead, ...Array.from({ length: 9 }, (_, k) => row(predictions, k + 1))];
    const timesteps: number[] = [];
    let draws = 0;
    const { steps } = await run(plms, {
      alphasCumprod: alphas,
      steps: 10,
      start: { noise: row(xs, 0) },
      predict: async (_, t) => {
        timesteps.push(t);
        return { noise: queue.shift()! };
      },
      randn: () => {
        draws++;
        return new Float32Array(size);
      },
    });
    expect(timesteps).toEqual([901, 801, 801, 701, 601, 501, 401, 301, 201, 101, 1]);
    expect(draws).toBe(11);
    steps.forEach((step, k) => {
      expect(largestDifference(step.latents, row(xs, k + 1))).toBeLessThan(2e-5);
      expect(largestDifference(step.predicted, row(x0s, k))).toBeLessThan(2e-5);
    });
  });
});

test('a single step looks ahead at its own timestep', async () => {
  const timesteps: number[] = [];
  await run(plms, {
    steps: 1,
    start: { noise: new Float32Array(2) },
    predict: async (x, t) => {
      timesteps.push(t);
      return { noise: x.slice() };
    },
  });
  expect(timesteps).toEqual([1, 1]);
});

test('a picture is repainted from its strength', async () => {
  const start = { latents: Float32Array.of(1, -1), noise: Float32Array.of(0.5, 0.25), strength: 0.5 };
  const { steps } = await run(plms, { alphasCumprod, steps: 20, start, predict: toyPredict });
  expect(steps).toHaveLength(10);
});
