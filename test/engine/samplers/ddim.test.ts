import { describe, expect, test } from 'vitest';
import { RequestError } from '../../../src/engine/errors.js';
import { ddim } from '../../../src/engine/samplers/ddim.js';
import { ddimSchedule } from '../../../src/engine/samplers/ddim-schedule.js';
import type { Step } from '../../../src/engine/samplers/sampler.js';
import { oracle, readNpy, wholeOracle } from '../../oracle.js';
import { golden } from './golden.js';
import { alphasCumprod, largestDifference, run } from './toy.js';

describe('tables of the reference', () => {
  test.each([
    [1, 0],
    [7, 1],
    [10, 0],
    [10, 0.5],
    [10, 1],
    [20, 0.5],
    [30, 0],
    [50, 1],
    [100, 0],
  ])('%d steps, eta %d', (steps, eta) => {
    const folder = `schedule_S${steps}_eta${eta.toFixed(1)}`;
    const table = (name: string) => Array.from(readNpy(oracle(`goldens/tiny/${folder}/${name}.npy`)).data, Number);
    const schedule = ddimSchedule(golden('buffers/alphas_cumprod.npy').data, steps, eta);
    expect(schedule.timesteps).toEqual(table('timesteps'));
    expect(schedule.alphas).toEqual(golden(`${folder}/alphas.npy`).data);
    expect(schedule.alphasPrev).toEqual(Float32Array.from(table('alphas_prev')));
    expect(schedule.sigmas).toEqual(Float32Array.from(table('sigmas')));
  });
});

describe('the number of steps', () => {
  test.each([
    [50, 50],
    [30, 31],
    [7, 8],
    [60, 63],
    [150, 167],
  ])('%d asked for are %d run, as in the reference', (steps, timesteps) => {
    expect(ddimSchedule(alphasCumprod, steps).timesteps).toHaveLength(timesteps);
  });

  test.each([3, 9, 27, 36, 37, 101, 111, 251, 333, 501, 999, 1000])(
    '%d, where the reference reads past its table, ends at timestep 999',
    (steps) => {
      const { timesteps, sigmas } = ddimSchedule(alphasCumprod, steps, 1);
      expect(timesteps.at(-1)).toBe(999);
      expect(timesteps.length).toBeGreaterThanOrEqual(steps);
      expect(sigmas.every(Number.isFinite)).toBe(true);
    },
  );

  test.each([0, -1, 2.5, 1001, Number.NaN])('%d is refused', (steps) => {
    expect(() => ddimSchedule(alphasCumprod, steps)).toThrow(RequestError);
  });
});

describe('the reference picture from its own noise predictions', () => {
  test.each([
    ['ddim_S10_eta0_scale7.5_b2', 10, 0],
    ['ddim_S10_eta0.5_scale3', 10, 0.5],
  ])('oracle: %s', async (id, steps, eta) => {
    const xs = golden(`${id}/x_all.npy`);
    const predictions = golden(`${id}/pred_x0_all.npy`).data;
    const size = xs.data.length / xs.shape[0]!;
    const row = (all: Float32Array, k: number) => all.subarray(k * size, (k + 1) * size);
    const noise = eta ? golden(`${id}/noise.npy`).data : undefined;
    const alphas = golden('buffers/alphas_cumprod.npy').data;
    let calls = 0;
    let draws = 0;
    const { steps: taken } = await run(ddim, {
      alphasCumprod: alphas,
      steps,
      eta,
      start: { noise: row(xs.data, 0) },
      randn: () => (noise ? row(noise, draws++) : new Float32Array(size)),
      // The golden holds z0, not the prediction: eps = (x - sqrt(a) z0) / sqrt(1 - a).
      predict: async (x, t) => {
        const [x0, a] = [row(predictions, calls++), alphas[t]!];
        return { noise: x.map((value, i) => (value - Math.sqrt(a) * x0[i]!) / Math.sqrt(1 - a)) };
      },
    });
    expect(taken).toHaveLength(steps);
    taken.forEach((step, k) => {
      expect(largestDifference(step.latents, row(xs.data, k + 1))).toBeLessThan(2e-5);
      expect(largestDifference(step.predicted, row(predictions, k))).toBeLessThan(2e-5);
    });
    expect(draws).toBe(eta ? steps : 0);
  });

  const kept: [string, number, number][] = [
    ['img2img_strength0.3_S20', 20, 0.3],
    ['img2img_strength0.5_S20_eta1', 20, 0.5],
  ];
  const others: [string, number, number][] = [
    ['img2img_strength0.75_S50', 50, 0.75],
    ['img2img_strength0.8_S10_b2', 10, 0.8],
    ['img2img_strength0_S10', 10, 0],
    ['img2img_strength1.0_S30_31steps', 30, 1],
  ];
  test.each([...kept, ...(wholeOracle ? others : [])])(
    'a picture is noised and stepped as in %s',
    async (id, steps, strength) => {
      const start = {
        latents: golden(`${id}/init_latent.npy`).data,
        noise: golden(`${id}/noise.npy`).data,
        strength,
      };
      let first: Float32Array | undefined;
      const { steps: taken, latents } = await run(ddim, {
        alphasCumprod: golden('buffers/alphas_cumprod.npy').data,
        steps,
        start,
        predict: async (x) => {
          first ??= x.slice();
          return { noise: new Float32Array(x.length) };
        },
      });
      expect(taken).toHaveLength(golden(`${id}/x_all.npy`).shape[0]! - 1);
      expect(first ?? latents).toEqual(golden(`${id}/z_enc.npy`).data);
    },
  );
});

test('strength 1 with exactly as many steps, where the reference reads past its table, starts at the noisiest level', async () => {
  const ones = new Float32Array(4).fill(1);
  const zeros = new Float32Array(4);
  const timesteps: number[] = [];
  await run(ddim, {
    steps: 10,
    start: { latents: ones, noise: zeros, strength: 1 },
    predict: async (x, t) => {
      if (!timesteps.length) expect(x[0]).toBeCloseTo(Math.sqrt(alphasCumprod[901]!), 6);
      timesteps.push(t);
      return { noise: zeros };
    },
  });
  expect(timesteps).toEqual([901, 801, 701, 601, 501, 401, 301, 201, 101, 1]);
});

test('noise is drawn at every step although eta 0 does not use it: the draws are part of a seed', async () => {
  let draws = 0;
  const randn = () => {
    draws++;
    return new Float32Array(4);
  };
  await run(ddim, { steps: 20, start: { noise: new Float32Array(4) }, randn });
  expect(draws).toBe(20);
});

test('the sampler goes on from latents that were changed between steps', async () => {
  const seen: number[] = [];
  const options = {
    predict: async (x: Float32Array) => {
      seen.push(x[0]!);
      return { noise: new Float32Array(1) };
    },
    alphasCumprod,
    steps: 2,
    start: { noise: Float32Array.of(1) },
    randn: () => new Float32Array(1),
  };
  for await (const step of ddim(options)) step.latents[0] = 42;
  expect(seen).toEqual([1, 42]);
});

test('a step reports the noise level of its latents', async () => {
  const { steps } = await run(ddim, { steps: 4, start: { noise: new Float32Array(1) } });
  const last = steps.at(-1) as Step;
  expect(steps.map(({ index, total }) => [index, total])).toEqual([
    [1, 4],
    [2, 4],
    [3, 4],
    [4, 4],
  ]);
  expect(last.signal ** 2).toBeCloseTo(alphasCumprod[0]!, 6);
  for (const { signal, noise } of steps) expect(signal ** 2 + noise ** 2).toBeCloseTo(1, 6);
});
