import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import { EaselError, RequestError } from '../../src/engine/errors.js';
import { fitToModel } from '../../src/engine/image/load.js';
import { parametersText, parseParameters } from '../../src/engine/image/metadata/infotext.js';
import type { GenerationParameters } from '../../src/engine/image/metadata/parameters.js';
import type { Pixels } from '../../src/engine/image/pixels.js';
import type { Meaning } from '../../src/engine/meaning.js';
import type { Progress } from '../../src/engine/pipeline/progress.js';
import { nearestSide } from '../../src/engine/pipeline/request.js';
import { PhiloxGenerator } from '../../src/engine/random/philox.js';
import { TorchGenerator } from '../../src/engine/random/torch.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';
import { embedded, latentShape, SIDE, STEP } from '../embedded.js';

const quick = { steps: 4, sampler: 'ddim' as const };
const small = { ...quick, width: 64, height: 64 };

describe('the embedded model', () => {
  const shape = latentShape();
  const takes = shape.reduce((product, side) => product * side);
  let sd: StableDiffusion;
  beforeAll(async () => {
    sd = await StableDiffusion.open(EMBEDDED_MODEL);
  });
  afterAll(() => sd.close());

  test('paints a red apple that is red', async () => {
    const [picture] = await sd.txt2img({ prompt: 'a red apple', seed: 7 });
    expect([picture!.pixels.width, picture!.pixels.height]).toEqual([SIDE, SIDE]);
    const [red, green, blue] = meanColour(picture!.pixels, 0.35, 0.65);
    expect(red).toBeGreaterThan(green! + 60);
    expect(red).toBeGreaterThan(blue! + 60);
  });

  test('paints the same picture from the same seed, and another from another', async () => {
    const paint = async (seed: number) => (await sd.txt2img({ prompt: 'a cat', seed, ...quick }))[0]!.pixels.data;
    const [first, again, other] = [await paint(1), await paint(1), await paint(2)];
    expect(again).toEqual(first);
    expect(meanDifference(first, other)).toBeGreaterThan(5);
  });

  test('picture k of a batch is the picture of seed + k alone', async () => {
    const batch = await sd.txt2img({ prompt: 'a fish', seed: 10, count: 3, ...small });
    expect(batch.map(({ seed }) => seed)).toEqual([10, 11, 12]);
    const [alone] = await sd.txt2img({ prompt: 'a fish', seed: 12, ...small });
    expect(meanDifference(batch[2]!.pixels.data, alone!.pixels.data)).toBeLessThan(0.05);
  });

  test('a picture says that its noise is of the CPU, unless the generator was given', async () => {
    const [own] = await sd.txt2img({ prompt: 'a fish', ...small, steps: 1 });
    expect(parametersText(own!.parameters)).toContain(', RNG: CPU, ');
    const given = { generator: new PhiloxGenerator(1) };
    const [philox] = await sd.txt2img({ prompt: 'a fish', ...small, steps: 1, ...given });
    expect(philox!.parameters.rng).toBeUndefined();
  });

  test.each([
    ['dpmpp_2m', 'default', 'Sampler: DPM++ 2M, Schedule type: Uniform, CFG'],
    ['dpmpp_2m', 'karras', 'Sampler: DPM++ 2M Karras, CFG'],
    ['ddim', 'default', 'Sampler: DDIM, CFG'],
    ['ddim', 'trailing', 'Sampler: DDIM Trailing, CFG'],
    ['dpmpp_3m_sde', 'exponential', 'Sampler: DPM++ 3M SDE Exponential, CFG'],
    ['dpmpp_2s_a', 'sgm_uniform', 'Sampler: DPM++ 2S a SGM Uniform, CFG'],
    ['euler', 'ays', 'Sampler: Euler Align Your Steps, CFG'],
    ['deis', 'default', 'Sampler: DEIS, Schedule type: Uniform, CFG'],
    ['tcd', 'default', 'Sampler: TCD, CFG'],
  ] as const)('a picture of %s with %s sigmas says so', async (sampler, sigmas, said) => {
    const [picture] = await sd.txt2img({ prompt: 'a fish', ...small, sampler, sigmas, steps: 1, seed: 1 });
    const text = parametersText(picture!.parameters);
    expect(text).toContain(said);
    expect(parametersText(parseParameters(text) as GenerationParameters)).toBe(text);
  });

  test("TCD's eta is told, since it is not 0 when it is left out", async () => {
    const painted = async (eta?: number) => {
      const [picture] = await sd.txt2img({ prompt: 'a fish', ...small, sampler: 'tcd', steps: 1, seed: 1, eta });
      return parametersText(picture!.parameters);
    };
    expect(await painted()).toContain('Eta DDIM: 0.3');
    expect(await painted(0)).toContain('Eta DDIM: 0,');
  });

  test('tells of every step, with a preview', async () => {
    const seen: Progress[] = [];
    await sd.txt2img({ prompt: 'a dog', seed: 1, ...small }, { onProgress: (progress) => seen.push(progress) });
    expect(seen.filter(({ phase }) => phase === 'denoise').map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(seen.every(({ total }) => total === 4)).toBe(true);
    expect(seen.at(-1)!.secondsLeft).toBe(0);
    const previews = await seen.at(-1)!.previews();
    const scale = embedded.downsampling;
    expect(previews.map(({ width, height, scale }) => [width, height, scale])).toEqual([
      [64 / scale, 64 / scale, scale],
    ]);
  });

  test('stops between two steps when told to, and paints again afterwards', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const steps: number[] = [];
    const painting = sd.txt2img(
      { prompt: 'a house', seed: 1, ...small, steps: 10 },
      {
        signal: stop.signal,
        onProgress: ({ step }) => {
          steps.push(step);
          if (step === 2) stop.abort(reason);
        },
      },
    );
    await expect(painting).rejects.toBe(reason);
    expect(steps).toEqual([0, 1, 2]);
    await expect(sd.txt2img({ prompt: 'a house', seed: 1, ...small })).resolves.toHaveLength(1);
  });

  test('a call that was aborted before is not started', async () => {
    const reason = new Error('too late');
    const signal = AbortSignal.abort(reason);
    await expect(sd.txt2img({ prompt: '<lora:no-such:1>', count: -1 }, { signal })).rejects.toBe(reason);
  });

  test('a call that waits is aborted while another one paints, and the next keeps its place', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const painting = sd.txt2img(
      { prompt: 'a house', seed: 1, ...small },
      { onProgress: ({ step }) => (step === 1 ? stop.abort(new Error('enough')) : seen.push(`step ${step}`)) },
    );
    const waiting = sd
      .txt2img({ prompt: 'a cat', seed: 1, ...small }, { signal: stop.signal })
      .catch((error: Error) => {
        seen.push(error.message);
      });
    const next = sd.txt2img({ prompt: 'a dog', seed: 1, ...small }, { onProgress: () => seen.push('next') });
    await Promise.all([painting, waiting, next]);
    expect(seen.slice(0, 7)).toEqual(['step 0', 'enough', 'step 2', 'step 3', 'step 4', 'step 4', 'next']);
  });

  test('a strength of 0 gives the picture back, as well as the autoencoder can', async () => {
    const [apple] = await sd.txt2img({ prompt: 'a red apple', seed: 7 });
    const [kept] = await sd.img2img({ prompt: 'a cat', image: apple!.pixels, strength: 0, seed: 1 });
    expect(meanDifference(kept!.pixels.data, apple!.pixels.data)).toBeLessThan(16);
  });

  test.each(['ddim', 'euler'] as const)(
    '%s says when steps and strength leave nothing to paint, and only then',
    async (sampler) => {
      const image = filled(64, 64, 100);
      const told = async (steps: number, strength: number) => {
        const codes: string[] = [];
        const onNotice = (_: string, { code }: Meaning) => void codes.push(code);
        await sd.img2img({ prompt: 'a red apple', image, sampler, steps, strength, seed: 1 }, { onNotice });
        return codes;
      };
      expect(await told(3, 0)).toEqual(['strengthZero']);
      if (sampler === 'ddim') expect(await told(3, 0.3)).toEqual(['nothingPainted']);
      expect(await told(3, 0.4)).toEqual([]);
    },
  );

  test('says that every step was run to whoever asked for fewer, where there are fewer than sixteen', async () => {
    const told = async (steps: number, over: object) => {
      const texts: string[] = [];
      const onNotice = (text: string, { code }: Meaning) => code === 'everyStepRun' && texts.push(text);
      await sd.txt2img({ prompt: 'a red apple', ...small, steps, seed: 1, ...over }, { onNotice });
      return texts;
    };
    const all = ['Every step was run: some are left out for speed only where there are 16 or more.'];
    expect(await told(10, { speed: 'fast' })).toEqual(all);
    expect(await told(2, { cacheInterval: 3 })).toEqual(all);
    expect(await told(2, {})).toEqual([]);
    expect(await told(2, { speed: 'fast', cacheInterval: 1 })).toEqual([]);
    expect(await told(16, { speed: 'fast' })).toEqual([]);
  });

  test('inpainting leaves what the mask keeps exactly as it was, and changes the rest', async () => {
    const [apple] = await sd.txt2img({ prompt: 'a red apple', seed: 7 });
    const mask = filled(SIDE, SIDE, 0);
    const half = (SIDE / 2) * SIDE * 3;
    mask.data.fill(255, 0, half);
    const [painted] = await sd.inpaint({ prompt: 'a blue bird', image: apple!.pixels, mask, seed: 3, steps: 8 });
    expect(painted!.pixels.data.subarray(half)).toEqual(apple!.pixels.data.subarray(half));
    expect(
      meanDifference(painted!.pixels.data.subarray(0, half), apple!.pixels.data.subarray(0, half)),
    ).toBeGreaterThan(5);
  });

  test('upscaling doubles a picture and keeps what it shows', async () => {
    const [apple] = await sd.txt2img({ prompt: 'a red apple', seed: 7, width: 128, height: 128 });
    const [large] = await sd.upscale({ prompt: 'a red apple', image: apple!.pixels, seed: 7, steps: 10 });
    expect([large!.pixels.width, large!.pixels.height]).toEqual([256, 256]);
    const [before, after] = [apple!, large!].map(({ pixels }) => meanColour(pixels, 0.35, 0.65)) as [
      number[],
      number[],
    ];
    for (const [channel, value] of before.entries()) expect(Math.abs(value - after[channel]!)).toBeLessThan(40);
  });

  test.each([
    ['left out', {}],
    ['undefined', { strength: undefined }],
  ])("upscaling with a strength that is %s paints at the model card's", async (_, strength) => {
    const image = filled(64, 64, 100);
    const [large] = await sd.upscale({ prompt: 'a cat', image, seed: 1, ...quick, ...strength });
    expect(large!.parameters.strength).toBe(0);
  });

  test.each([
    [{ width: 100 }, `nearest is ${nearestSide(100, STEP)}.`],
    [{ height: 4 }, `nearest is ${STEP}.`],
    [{ steps: 0 }, /steps must be from 1 to 1000, got 0/],
    [{ scale: Number.NaN }, /scale must be/],
    [{ sampler: 'euler2' as never }, /no sampler "euler2".*euler/],
    [{ sampler: 'plms' as const, eta: 0.5 }, /eta must be 0 for PLMS/],
    [{ count: 1000 }, /count must be from 1 to/],
    [{ count: 1.5 }, /count must be a whole number from 1 to 64, got 1.5/],
    [{ count: -1 }, /count must be from 1 to 64, got -1/],
    [{ count: Number.NaN }, /count must be from 1 to 64, got NaN/],
    [{ count: 1e10 }, /count must be from 1 to 64, got 10000000000/],
    [{ count: '3' as never }, /count must be from 1 to 64/],
    [{ prompt: [] }, /prompt must be a text, or a list of 1 to 64 texts, got \[\]/],
    [{ prompt: ['a cat', 'a dog'], count: 3 }, /count is 3 but there are 2 prompts/],
    [{ steps: 2.5 }, /steps must be a whole number from 1 to 1000, got 2.5/],
    [{ clipSkip: 1.5 }, /clipSkip must be a whole number/],
    [{ sampler: 'toString' as never }, /no sampler "toString".*euler/],
    [{ sigmas: 'polynomial' as never }, /sigmas must be "default" or "karras" .*, got "polynomial"/],
    [{ syntax: 'weigthed' as never }, /syntax must be "plain" or "weighted", got "weigthed"/],
    [
      { latents: new Float32Array(10) },
      `latents has 10 numbers, but these pictures take ${takes}: [${shape.join(', ')}]`,
    ],
    [{ seed: -1 }, /seed/i],
    [{ seed: 2 ** 32 + 5 }, /seed must be from 0 to 4294967295, got 4294967301/],
    [{ seed: '5' as never }, /seed must be from 0 to 4294967295, got "5"/],
    [{ seed: 1.5 }, /seed must be .* got 1\.5/],
    [{ seed: null as never, prompt: 5 as never }, /prompt must be a text, or a list of 1 to 64 texts, got 5/],
    [{ prompt: ['a cat', 7 as never] }, /prompt must be a text, or a list of 1 to 64 texts/],
    [{ negative: 5 as never }, /negative must be a text, or a list of 1 to 64 texts, got 5/],
    [{ width: '128' as never }, /width must be a number of pixels, got "128"/],
    [{ steps: '4' as never }, /steps must be from 1 to 1000, got "4"/],
  ])('refuses %j with the remedy', async (wrong, message) => {
    const painted = sd.txt2img({ prompt: 'a cat', ...quick, ...wrong });
    await expect(painted).rejects.toThrow(message);
    await expect(painted).rejects.toBeInstanceOf(RequestError);
  });

  test('the latents that a picture is painted from are hardly drawn by lot', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map((seed) => sd.encode(filled(SIDE, SIDE, 100), 1, new TorchGenerator(seed))),
    );
    expect(Math.max(...one!.data.map((value, k) => Math.abs(value - other!.data[k]!)))).toBeLessThan(0.01);
  });

  describe('pixels that are not 3 bytes each are refused, with what was given and the remedy', () => {
    const good = filled(128, 128, 100);
    const rgba = { ...good, data: new Uint8Array(4 * 128 * 128) };
    const short = { ...good, data: new Uint8Array(10) };
    const request = { prompt: 'a cat', ...quick };

    test.each([
      ['image', 'img2img', () => sd.img2img({ ...request, image: rgba })],
      ['image', 'upscale', () => sd.upscale({ ...request, image: rgba })],
      ['image', 'inpaint', () => sd.inpaint({ ...request, image: rgba, mask: good })],
      ['mask', 'inpaint', () => sd.inpaint({ ...request, image: good, mask: rgba })],
      ['picture', 'encode', () => sd.encode(rgba, 1, new TorchGenerator(1))],
    ])('RGBA as %s of %s', async (name, _, call) => {
      const painted = call();
      await expect(painted).rejects.toThrow(
        `${name} is 128x128, which takes 49152 bytes of RGB, but its data has 65536`,
      );
      await expect(painted).rejects.toThrow(/sharp's removeAlpha\(\)/);
      await expect(painted).rejects.toBeInstanceOf(RequestError);
    });

    test('RGBA that is to be cut to a size', () => {
      expect(() => fitToModel(rgba, 64)).toThrow(/removeAlpha/);
    });

    test('ten bytes, and a grey picture', async () => {
      await expect(sd.img2img({ ...request, image: short })).rejects.toThrow('its data has 10');
      const grey = { ...good, data: new Uint8Array(128 * 128) };
      await expect(sd.img2img({ ...request, image: grey })).rejects.toThrow(/seems to be grey/);
    });
  });

  test('refuses latents of another size', async () => {
    const latents = { data: new Float32Array(10), shape };
    const painted = sd.img2img({ prompt: 'a cat', ...quick, image: filled(SIDE, SIDE, 100), latents });
    await expect(painted).rejects.toThrow(`latents has 10 numbers, but these pictures take ${takes}`);
  });

  test('refuses a strength of 1.5', async () => {
    const image = filled(128, 128, 100);
    await expect(sd.img2img({ prompt: 'a cat', image, strength: 1.5 })).rejects.toThrow('strength must be from 0 to 1');
  });
});

describe('closing', () => {
  test('finishes earlier calls, and refuses later ones', async () => {
    const sd = await StableDiffusion.open(EMBEDDED_MODEL);
    const painting = sd.txt2img({ prompt: 'a cat', ...small });
    const closing = sd.close();
    const later = [
      sd.txt2img({ prompt: 'a cat', ...quick }),
      sd.encode(filled(128, 128, 100), 1, new TorchGenerator(1)),
    ];
    for (const call of later)
      await expect(call).rejects.toThrow(`${basename(EMBEDDED_MODEL)} is closed: open it again`);
    await expect(painting).resolves.toHaveLength(1);
    await closing;
    await expect(sd.txt2img({ prompt: 'a cat', ...quick })).rejects.toBeInstanceOf(EaselError);
  });

  test('twice is closing once', async () => {
    await using sd = await StableDiffusion.open(EMBEDDED_MODEL);
    await sd.close();
    await expect(sd.close()).resolves.toBeUndefined();
  });
});

function filled(width: number, height: number, value: number): Pixels {
  return { width, height, data: new Uint8Array(width * height * 3).fill(value) };
}

/** Mean colour of the square from `from` to `to` on both axes, as parts of the width. */
function meanColour({ width, data }: Pixels, from: number, to: number): number[] {
  const [low, high] = [Math.round(from * width), Math.round(to * width)];
  const sums = [0, 0, 0];
  for (let y = low; y < high; y++) {
    for (let x = low; x < high; x++) {
      for (const c of [0, 1, 2]) sums[c] = sums[c]! + data[(y * width + x) * 3 + c]!;
    }
  }
  return sums.map((sum) => sum / (high - low) ** 2);
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}
