import { expect, test } from 'vitest';
import type { Networks, NoiseOptions, Tensor } from '../../../src/engine/networks.js';
import { BatchedNetworks } from '../../../src/engine/runtime/batched-networks.js';

/** A noise predictor that adds a row's timestep, first context value and scale; what was run, as numbers of rows. */
function predictor(fails: (latents: Tensor) => boolean = () => false) {
  const runs: string[] = [];
  const contexts: Tensor[] = [];
  const networks = {
    predictNoise: async (latents: Tensor, times: Float32Array, context: Tensor, options: NoiseOptions) => {
      await new Promise(setImmediate);
      runs.push(`${latents.shape[0]}`);
      contexts.push(context);
      if (fails(latents)) throw new Error('cannot run');
      const rows = latents.shape[0]!;
      const [size, width] = [latents.data.length / rows, context.data.length / rows];
      const scale = (row: number) =>
        Array.isArray(options.guidance) ? options.guidance[row] : (options.guidance ?? 0);
      const data = latents.data.map((value, i) => {
        const row = Math.floor(i / size);
        return value + times[row]! + context.data[row * width]! + scale(row);
      });
      return { data, shape: latents.shape };
    },
    decodeLatents: async (latents: Tensor) => {
      runs.push('decode');
      return latents;
    },
  };
  return { networks: new BatchedNetworks(networks as unknown as Networks), runs, contexts };
}

const filled = (value: number, ...shape: number[]): Tensor => ({
  data: new Float32Array(shape.reduce((a, b) => a * b)).fill(value),
  shape,
});

/** A request's steps, one after another. */
async function steps(networks: Networks, count: number, base: number, rows = 2, side = 2): Promise<number[]> {
  const context = filled(base * 10, rows, 3, 4);
  const told: number[] = [];
  for (let step = 0; step < count; step++) {
    const times = new Float32Array(rows).fill(step * 1000);
    const { data } = await networks.predictNoise(filled(base, rows, 4, side, side), times, context);
    expect(new Set(data).size).toBe(1);
    told.push(data[0]!);
  }
  return told;
}

test('what is asked at the same time is one run, and each gets its own rows', async () => {
  const { networks, runs } = predictor();
  const all = await Promise.all([steps(networks, 3, 1), steps(networks, 3, 2, 1), steps(networks, 3, 3)]);
  expect(all).toEqual([
    [11, 1011, 2011],
    [22, 1022, 2022],
    [33, 1033, 2033],
  ]);
  expect(runs).toEqual(['5', '5', '5']);
});

test('one that comes later joins at the next run, and one that ends leaves', async () => {
  const { networks, runs } = predictor();
  const first = steps(networks, 4, 1);
  while (runs.length === 0) await new Promise(setImmediate);
  const second = steps(networks, 5, 2);
  await Promise.all([first, second]);
  expect(runs.slice(0, 2)).toEqual(['2', '4']);
  expect(runs.filter((rows) => rows === '4').length).toBeGreaterThanOrEqual(2);
  expect(runs.at(-1)).toBe('2');
});

test('rows of different shapes run apart and take turns', async () => {
  const { networks, runs } = predictor();
  const all = await Promise.all([
    steps(networks, 2, 1, 2, 2),
    steps(networks, 2, 2, 1, 4),
    steps(networks, 2, 3, 2, 2),
  ]);
  expect(all.map(([first]) => first)).toEqual([11, 22, 33]);
  expect(runs).toEqual(['4', '1', '4', '1']);
});

test('a decode waits for one run at most', async () => {
  const { networks, runs } = predictor();
  const painting = Promise.all([steps(networks, 5, 1), steps(networks, 5, 2), steps(networks, 5, 3)]);
  while (runs.length < 2) await new Promise(setImmediate);
  await networks.decodeLatents(filled(1, 1, 4, 2, 2));
  expect(runs.indexOf('decode')).toBeLessThanOrEqual(4);
  await painting;
});

test('the joined context is the same tensor while the company is the same', async () => {
  const { networks, contexts } = predictor();
  await Promise.all([steps(networks, 4, 1), steps(networks, 4, 2)]);
  expect(new Set(contexts).size).toBe(1);
});

test('a run that fails is run again for each alone: only whoever fails alone fails', async () => {
  const { networks, runs } = predictor(({ data }) => data.includes(2));
  const all = await Promise.allSettled([steps(networks, 2, 1), steps(networks, 2, 2), steps(networks, 2, 3)]);
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(runs).toEqual(['6', '2', '2', '2', '4']);
});

test('a run that is too large is not tried again and again', async () => {
  const { networks, runs } = predictor(({ shape }) => shape[0]! > 4);
  const all = await Promise.all([1, 2, 3, 4].map((base) => steps(networks, 3, base)));
  expect(all.map(([first]) => first)).toEqual([11, 22, 33, 44]);
  expect(runs.filter((rows) => Number(rows) > 4)).toHaveLength(1);
});

test('each row has its own guidance scale', async () => {
  const { networks, runs } = predictor();
  const ask = (scale: number) =>
    networks.predictNoise(filled(1, 1, 4, 2, 2), new Float32Array(1), filled(0, 1, 3, 4), { guidance: scale });
  const [low, high] = await Promise.all([ask(3), ask(8)]);
  expect([low!.data[0], high!.data[0]]).toEqual([4, 9]);
  expect(runs).toEqual(['2']);
});
