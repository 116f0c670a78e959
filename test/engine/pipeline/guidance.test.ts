import { describe, expect, test } from 'vitest';
import type { Networks, NoiseOptions, Tensor } from '../../../src/engine/networks.js';
import { guided } from '../../../src/engine/pipeline/guidance.js';

const alphasCumprod = Float32Array.from({ length: 1000 }, (_, t) => 1 / (1 + ((t + 1) / 100) ** 2));
const shape = [2, 1, 1, 1];
const context = {
  cond: { data: Float32Array.of(10, 20), shape: [2, 1, 1] },
  uncond: { data: Float32Array.of(1, 2), shape: [2, 1, 1] },
};

/** Gives back what it hears. Sigma is a hundredth of timestep + 1. */
function listening(int8 = false) {
  const heard: { context: Tensor; options?: NoiseOptions | undefined }[] = [];
  const networks = {
    int8,
    async predictNoise(_: Tensor, __: Float32Array, context: Tensor, options?: NoiseOptions) {
      heard.push({ context, options });
      return { data: Float32Array.from(context.data), shape: [context.shape[0]!, 1, 1, 1] };
    },
  } as unknown as Networks;
  return { networks, heard };
}

describe.each([false, true])('the guidance interval, int8 %s', (int8) => {
  test('elsewhere one pass takes the prompt only', async () => {
    const { networks, heard } = listening(int8);
    const schedule = { alphasCumprod, predictionType: 'epsilon' } as const;
    const predict = guided(networks, schedule, () => context, { scale: 3, guidanceInterval: [0.5, 4] }, shape);
    const at = async (timestep: number) => [...(await predict(Float32Array.of(0, 0), timestep)).noise];
    expect(await at(600)).toEqual([10, 20]);
    expect(await at(300)).toEqual([28, 56]);
    expect(await at(20)).toEqual([10, 20]);
    const rows = heard.map(({ context }) => context.shape[0]);
    expect(rows).toEqual(int8 ? [1, 1, 2, 2, 1, 1] : [2, 4, 2]);
    await at(10);
    // The same tensor as before: what is computed of it is computed once.
    expect(heard.at(-1)!.context).toBe(heard.at(int8 ? -3 : -2)!.context);
  });
});

test('keys and values are subsampled where that was asked for, and with "large" in large pictures', async () => {
  const schedule = { alphasCumprod, predictionType: 'epsilon' } as const;
  const asked = async (kvSubsampling: boolean | 'large', side: number) => {
    const { networks, heard } = listening();
    const size = [1, 1, side, side];
    const one = { cond: { data: new Float32Array(side * side), shape: [1, side * side, 1] } };
    await guided(networks, schedule, () => one, { scale: 1, kvSubsampling }, size)(new Float32Array(side * side), 5);
    return heard[0]!.options?.subsample ?? false;
  };
  expect(await asked(false, 64)).toBe(false);
  expect(await asked(true, 8)).toBe(true);
  expect(await asked('large', 56)).toBe(false);
  expect(await asked('large', 64)).toBe(true);
});

describe.each([false, true])('a model that edits, int8 %s', (int8) => {
  const schedule = { alphasCumprod, predictionType: 'epsilon' } as const;
  const picture = { data: Float32Array.of(100, 200), shape };

  /** Gives the prompt's number, and the picture's channel after it. */
  function seeing() {
    const rows: number[] = [];
    const networks = {
      int8,
      async predictNoise({ data }: Tensor, _: Float32Array, { data: words, shape: [count] }: Tensor) {
        rows.push(count!);
        return { data: words.map((word, row) => word + data[2 * row + 1]!), shape: [count!, 1, 1, 1] };
      },
    } as unknown as Networks;
    return { networks, rows };
  }

  test.each([
    // nothing + scale * (both - picture) + imageScale * (picture - nothing)
    [2, [1 + 3 * 9 + 2 * 100, 2 + 3 * 18 + 2 * 200], int8 ? [3, 3] : [6]],
    [1, [101 + 3 * 9, 202 + 3 * 18], int8 ? [2, 2] : [4]],
  ])('is guided by the picture, %s times, and from there by the prompt', async (imageScale, want, asked) => {
    const { networks, rows } = seeing();
    const predict = guided(networks, schedule, () => context, { scale: 3, imageScale }, shape, picture);
    const { noise } = await predict(Float32Array.of(0, 0), 300);
    expect([...noise]).toEqual(want);
    expect(rows).toEqual(asked);
  });
});

describe.each([false, true])('prompts that AND joins, int8 %s', (int8) => {
  const schedule = { alphasCumprod, predictionType: 'epsilon' } as const;
  const other = { data: Float32Array.of(100, 200), shape: [2, 1, 1] };
  const weights = [
    [1, 0.5],
    [2, 0],
  ];
  const both = { ...context, joined: { others: [other], weights } };
  const at = async (given: typeof both, timestep: number, over = {}, extra?: Tensor) => {
    const { networks } = listening(int8);
    const predict = guided(networks, schedule, () => given, { scale: 3, ...over }, shape, extra);
    return [...(await predict(Float32Array.of(0, 0), timestep)).noise];
  };

  test('add up what each asks for beyond no prompt: uncond + sum of weight * scale * (cond - uncond)', async () => {
    expect(await at(both, 300)).toEqual([1 + 3 * (9 + 2 * 99), 2 + 3 * 0.5 * 18]);
  });

  test('where guidance does not work, the first one stands for no prompt', async () => {
    expect(await at(both, 300, { guidanceInterval: [0.01, 1] })).toEqual([10 + 2 * 90, 20]);
  });

  test('with a weight of 1 and one of 0, the picture is that of the first alone', async () => {
    const alone = await at(
      {
        ...context,
        joined: {
          others: [other],
          weights: [
            [1, 1],
            [0, 0],
          ],
        },
      },
      300,
    );
    expect(alone).toEqual(await at(context as typeof both, 300));
  });

  test('in a model that edits, what is beyond the picture', async () => {
    const { networks } = listening(int8);
    const picture = { data: Float32Array.of(5, 6), shape };
    const predict = guided(networks, schedule, () => both, { scale: 3, imageScale: 2 }, shape, picture);
    // What is listened to says nothing of the picture: with and without it are the same.
    expect([...(await predict(Float32Array.of(0, 0), 300)).noise]).toEqual([1 + 3 * (9 + 2 * 99), 2 + 3 * 0.5 * 18]);
  });
});
