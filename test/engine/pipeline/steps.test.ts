import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { RequestError } from '../../../src/engine/errors.js';
import type { PaintOptions, Progress, StepEnd } from '../../../src/engine/pipeline/progress.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { beginRun } from '../../../src/engine/samplers/k-diffusion.js';
import type { Sampler } from '../../../src/engine/samplers/sampler.js';
import { trailingTimesteps } from '../../../src/engine/samplers/spacing.js';
import { SAMPLERS, type SamplerName } from '../../../src/engine/samplers/table.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { latentShape } from '../../embedded.js';

const size = { width: 64, height: 64 };
const apple = { prompt: 'a red apple', seed: 7, ...size, steps: 3, sampler: 'euler' as const };

let sd: StableDiffusion;
beforeAll(async () => {
  sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', threads: 1 });
});
afterAll(() => sd.close());

const painted = async (request: object, options?: PaintOptions) =>
  (await sd.txt2img({ ...apple, ...request }, options))[0]!;

describe('diffusers, with the same embeddings, latents and schedule, and latents that change halfway', () => {
  // test/oracle/steps.py
  const golden = JSON.parse(readFileSync('test/fixtures/steps.json', 'utf8'));
  test.each(['euler', 'dpmpp_2m', 'lcm'] as const)('%s', async (sampler) => {
    const { sigmas, timesteps, seen, latents, pt } = golden[sampler];
    const randn = (seed: number, shape: number[]) => ({
      data: new TorchGenerator(seed).randn(shape.reduce((product, side) => product * side)),
      shape,
    });
    const told: [number, number][] = [];
    const [picture] = await sd.txt2img(
      {
        ...size,
        promptEmbeddings: randn(1, [1, golden.tokens, golden.width]),
        negativeEmbeddings: randn(2, [1, golden.tokens, golden.width]),
        latents: randn(3, latentShape(64)),
        scale: 3,
        sampler,
        sigmas,
        timesteps,
        output: 'tensor',
      },
      {
        onStep: ({ step, timestep, latents }) => {
          told.push([step, timestep]);
          return step === 2 ? { latents: { ...latents, data: latents.data.map((value) => value * 1.1) } } : undefined;
        },
      },
    );
    expect(told.map(([step]) => step)).toEqual(seen.map(([step]: number[]) => step));
    for (const [k, [, timestep]] of told.entries()) expect(timestep).toBeCloseTo(seen[k][1], 2);
    const kept = (data: Float32Array) => data.filter((_, i) => i % 41 === 0);
    for (const [i, value] of kept(picture!.latents.data).entries())
      expect(Math.abs(value - latents[i])).toBeLessThan(5e-4);
    for (const [i, value] of kept(picture!.tensor.data).entries()) expect(Math.abs(value - pt[i])).toBeLessThan(5e-4);
  });
});

describe('a schedule that was chosen one by one', () => {
  test.each<[SamplerName, readonly number[], object]>([
    ['euler', trailingTimesteps(1000, 4), { sigmas: 'trailing' }],
    ['unipc', trailingTimesteps(1000, 4), { sigmas: 'trailing' }],
    ['ddim', [751, 501, 251, 1], {}],
    ['plms', [751, 501, 251, 1], {}],
    ['lcm', [999, 759, 499, 259], {}],
    ['tcd', [999, 759, 499, 259], {}],
  ])('%s paints the same as with its own when they are the same', async (sampler, timesteps, own) => {
    const chosen = await painted({ sampler, timesteps, steps: undefined });
    const usual = await painted({ sampler, steps: 4, ...own });
    expect(Buffer.compare(chosen.pixels.data, usual.pixels.data)).toBe(0);
    expect(chosen.parameters).toMatchObject({ steps: 4, scheduleType: 'Custom', timesteps: timesteps.join(' ') });
  });

  test.each([
    [{ timesteps: [999, 500], steps: 3 }, /steps is 3, but the schedule that was given has 2: leave steps out/],
    [{ timesteps: [500, 999] }, /timesteps must fall from each to the next, but 999 does not/],
    [{ timesteps: [1000, 5] }, /timesteps\[0\] must be from 0 to 999, got 1000/],
    [{ timesteps: [] }, /timesteps must be a list of 1 to 1000, got \[\]/],
    [{ timesteps: 'all' as never }, /timesteps must be a list of 1 to 1000, got "all"/],
    [{ timesteps: [5], sigmas: [3, 0] }, /exclude each other/],
    [{ sigmas: [3, 1] }, /sigmas must end with 0, got 1/],
    [{ sigmas: [3, Number.NaN, 0] }, /sigmas\[1\] must be from 0 to 10000, got NaN/],
    [{ sigmas: [3, 0], sampler: 'ddim' as const }, /DDIM does not take the sigmas that were chosen/],
    [{ timesteps: [3, 0], sampler: 'dpm_solver' as const }, /DPM-Solver\+\+ does not take the timesteps/],
  ])('%j is refused', async (wrong, message) => {
    const asked = painted({ steps: undefined, ...wrong });
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toBeInstanceOf(RequestError);
  });
});

describe("a sampler of one's own", () => {
  const euler: Sampler = async function* mine(options) {
    let { x, sigmas, denoise, stepped } = beginRun(options);
    for (let i = 0; i + 1 < sigmas.length; i++) {
      const z0 = await denoise(x, sigmas[i]!);
      const ratio = sigmas[i + 1]! / sigmas[i]!;
      x = yield* stepped(
        i,
        x.map((value, k) => ratio * value + (1 - ratio) * z0[k]!),
        z0,
      );
    }
    return x;
  };

  test('that does as Euler does paints as Euler does, written out, wrapped or with a title', async () => {
    const usual = await painted({});
    const wrapped: Sampler = (options) => SAMPLERS.euler.sample(options);
    for (const sampler of [euler, wrapped, { title: 'Mine', sample: euler }, SAMPLERS.euler]) {
      expect(Buffer.compare((await painted({ sampler })).pixels.data, usual.pixels.data)).toBe(0);
    }
    expect((await painted({ sampler: euler })).parameters.sampler).toBe('mine');
    expect((await painted({ sampler: { title: 'Mine', sample: euler } })).parameters.sampler).toBe('Mine');
  });

  test('is ended when the call is, and what it throws ends the call', async () => {
    const stop = new AbortController();
    let ended = false;
    const endless: Sampler = async function* (options) {
      try {
        return yield* euler(options);
      } finally {
        ended = true;
      }
    };
    const stopping = painted(
      { sampler: endless },
      { signal: stop.signal, onStep: () => stop.abort(new Error('enough')) },
    );
    await expect(stopping).rejects.toThrow('enough');
    await sd.check([]);
    expect(ended).toBe(true);
    // biome-ignore lint/correctness/useYield: it throws before
    const failing: Sampler = async function* () {
      throw new Error('my own mistake');
    };
    await expect(painted({ sampler: failing })).rejects.toThrow('my own mistake');
  });

  test('that is none, or gives latents of another size, is refused', async () => {
    await expect(painted({ sampler: { title: 'x' } as never })).rejects.toThrow(/There is no sampler/);
    const short: Sampler = async function* ({ start }) {
      const latents = start.noise.slice(1);
      yield { index: 1, total: 1, latents, predicted: latents, signal: 1, noise: 0 };
      return latents;
    };
    await expect(painted({ sampler: short })).rejects.toThrow(/short gave latents of another size: they have 256/);
  });

  test.each<[string, unknown, RegExp]>([
    ['gives no steps', () => undefined, /sampler must be an async generator function, got one that gives undefined/],
    ['gives a promise', async () => 5, /sampler must be an async generator function, got one that gives a promise/],
    [
      'yields nothing',
      async function* () {
        yield;
      },
      /256 numbers, got undefined/,
    ],
    [
      'asks about other latents',
      async function* ({ predict }: Parameters<Sampler>[0]) {
        yield await predict(new Float32Array(3), 5);
      },
      /256 numbers, got 3/,
    ],
    [
      'counts from nothing',
      async function* ({ start: { noise } }: Parameters<Sampler>[0]) {
        yield { index: 0, total: 1, latents: noise, predicted: noise, signal: 1, noise: 0 };
        return noise;
      },
      /sampler own gave step 0 of 1 after 0: steps count from 1/,
    ],
    [
      'does not know how many steps there will be',
      async function* ({ start: { noise }, begin }: Parameters<Sampler>[0]) {
        begin?.(Number.NaN);
        yield { index: 1, total: 1, latents: noise, predicted: noise, signal: 1, noise: 0 };
        return noise;
      },
      /begin takes how many steps there will be, a whole number, got NaN/,
    ],
    [
      'does not await what fails',
      async function* ({ predict }: Parameters<Sampler>[0]) {
        void predict(new Float32Array(3), 5);
        yield;
      },
      /256 numbers, got undefined/,
    ],
  ])('that %s is refused', async (_, sampler, message) => {
    await expect(painted({ sampler: sampler as Sampler })).rejects.toThrow(message);
  });
});

describe('onStep', () => {
  test('is told of every step, and waited for', async () => {
    const order: string[] = [];
    const seen: StepEnd[] = [];
    await painted(
      {},
      {
        onStep: async (step) => {
          seen.push(step);
          order.push(`step ${step.step}`);
          await new Promise(setImmediate);
          order.push(`done ${step.step}`);
        },
        onProgress: ({ phase, step }) => phase === 'denoise' && order.push(`progress ${step}`),
      },
    );
    expect(order).toEqual([1, 2, 3].flatMap((k) => [`step ${k}`, `done ${k}`, `progress ${k}`]));
    expect(seen.map(({ timestep }) => Math.round(timestep))).toEqual([999, 500, 0]);
    expect(seen.map(({ sigma }) => sigma.toFixed(2))).toEqual(['14.61', '1.62', '0.03']);
    for (const { signal, noise, latents, steps } of seen) {
      expect([signal ** 2 + noise ** 2, latents.shape, steps]).toEqual([expect.closeTo(1), latentShape(64), 3]);
    }
    expect(seen.at(-1)!.latents.data).toEqual(seen.at(-1)!.predicted.data);
  });

  test.each(['ddim', 'unipc', 'dpmpp_2m'] as const)('changes what %s paints, and only then', async (sampler) => {
    const bytes = async (onStep?: PaintOptions['onStep']) =>
      Buffer.from((await painted({ sampler }, { onStep })).pixels.data).toString('base64');
    const usual = await bytes();
    expect(await bytes(() => {})).toEqual(usual);
    expect(await bytes(({ latents }) => ({ latents }))).toEqual(usual);
    const half = ({ step, latents: { data, shape } }: StepEnd, at: number) =>
      step === at ? { latents: { data: data.map((value) => value / 2), shape } } : {};
    for (const at of [1, 3]) expect(await bytes(async (step) => half(step, at))).not.toEqual(usual);
    const inPlace = await bytes(({ step, latents }) => void (step === 1 && latents.data.fill(0)));
    expect(inPlace).not.toEqual(usual);
  });

  test('may not give back latents of another size, or none that are numbers', async () => {
    const giving = (data: unknown) =>
      painted({}, { onStep: () => ({ latents: { data, shape: latentShape(64) } }) as never });
    await expect(giving(new Float32Array(3))).rejects.toThrow(/latents has 3 numbers, but these pictures take 256/);
    await expect(giving([1])).rejects.toThrow(/onStep.latents must be a tensor/);
    await expect(giving(new Float32Array(256).fill(Number.NaN))).rejects.toThrow(/after step 1 hold NaN/);
  });
});

describe('a callback that fails', () => {
  const wrong = new Error('mine');
  const reject = async () => {
    throw wrong;
  };
  test.each<[string, PaintOptions]>([
    ['onStep', { onStep: reject }],
    ['onProgress', { onProgress: reject }],
    ['onNotice', { onNotice: reject }],
  ])('%s ends the call with its error, and the next call paints', async (_, options) => {
    await expect(painted({ prompt: 'a [cat:dog:0.5] | bird' }, options)).rejects.toBe(wrong);
    await expect(painted({ steps: 1 })).resolves.toBeDefined();
  });
});

test('progress tells of every phase, and the time that is left counts the decoder and falls to nothing', async () => {
  const seen: Progress[] = [];
  await painted({ count: 2 }, { onProgress: (progress) => void seen.push(progress) });
  expect(seen.map(({ phase, step, total }) => `${phase} ${step}/${total}`)).toEqual([
    'encode 0/3',
    'denoise 1/3',
    'denoise 2/3',
    'denoise 3/3',
    'decode 3/3',
    'decode 3/3',
  ]);
  const left = seen.map(({ secondsLeft }) => secondsLeft!);
  expect(left[3]).toBeGreaterThan(0);
  expect(left[4]).toBeGreaterThan(0);
  expect(left[5]).toBe(0);
  // Known from the pictures before.
  expect(left[0]).toBeGreaterThan(0);
  expect(await Promise.all(seen.map(async ({ previews }) => (await previews()).length))).toEqual([0, 2, 2, 2, 2, 2]);
});
