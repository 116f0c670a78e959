import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { tensorOf } from '../../../src/engine/image/pixels.js';
import { EMBEDDED_MODEL, encodePng, type Pixels, readMetadata, StableDiffusion } from '../../../src/engine/index.js';
import type { Model } from '../../../src/engine/model.js';
import type { Tensor } from '../../../src/engine/networks.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { takesInt8 } from '../../../src/engine/runtime/precision.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-int8-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Peak signal-to-noise ratio in dB, of values in this range. */
function ratio(a: ArrayLike<number>, b: ArrayLike<number>, range: number): number {
  const sum = Array.from(a).reduce((total, value, i) => total + (value - b[i]!) ** 2, 0);
  return 10 * Math.log10(range ** 2 / (sum / a.length));
}

const psnr = (a: Pixels, b: Pixels) => ratio(a.data, b.data, 255);

describe('pictures in int8', () => {
  let fast: StableDiffusion;
  beforeAll(async () => {
    fast = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', precision: 'int8', cache: folder });
  });
  afterAll(() => fast.close());

  test('are those of float32 to 30 dB and more, and say what they are', async () => {
    await using exact = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
    const ratios: number[] = [];
    for (const prompt of ['a castle', 'a penguin on a light blue background', 'a red car', 'a fox', 'a pizza']) {
      const request = { seed: 5, prompt };
      const [want] = await exact.txt2img(request);
      const [got] = await fast.txt2img(request);
      ratios.push(psnr(got!.pixels, want!.pixels));
      expect(got!.pixels.data).not.toEqual(want!.pixels.data);
      expect(want!.parameters.precision).toBeUndefined();
      const png = await encodePng(got!.pixels, got!.parameters);
      expect(await readMetadata(png)).toMatchObject({ precision: 'int8' });
    }
    // Where sampling is near a fork, rounding leads further away: one of them may be, but none may be another picture.
    const [least, ...others] = ratios.sort((a, b) => a - b);
    expect(least).toBeGreaterThan(25);
    expect(others[0]).toBeGreaterThan(30);
  });

  test.each([
    ['guided', 4],
    ['not guided', 1],
  ])('do not depend on their company: %s', async (_, scale) => {
    const request = { prompt: 'a red apple', steps: 4, scale };
    const together = await fast.txt2img({ ...request, seed: 10, count: 3 });
    for (const [k, { pixels }] of together.entries()) {
      const [alone] = await fast.txt2img({ ...request, seed: 10 + k });
      expect(pixels.data).toEqual(alone!.pixels.data);
    }
  });

  test('with a LoRA are near those of float32 with it', async () => {
    const options = { device: 'cpu', loras: ['test/fixtures/lora'] } as const;
    await using exact = await StableDiffusion.open(EMBEDDED_MODEL, options);
    await using int8 = await StableDiffusion.open(EMBEDDED_MODEL, { ...options, precision: 'int8' });
    const request = { prompt: 'a cat <lora:kohya:6>', syntax: 'weighted', seed: 7 } as const;
    const [want] = await exact.txt2img(request);
    const [got] = await int8.txt2img(request);
    const [without] = await int8.txt2img({ ...request, prompt: 'a cat' });
    expect(psnr(got!.pixels, want!.pixels)).toBeGreaterThan(psnr(without!.pixels, want!.pixels) + 6);
  });

  test('come from a picture, too', async () => {
    const [first] = await fast.txt2img({ prompt: 'a red apple', steps: 4, seed: 1 });
    const [second] = await fast.img2img({ prompt: 'a green apple', image: first!.pixels, steps: 8, strength: 0.5 });
    expect(second!.parameters.precision).toBe('int8');
  });
});

describe('the autoencoder in int8', () => {
  test.each([
    ["the model's own", false],
    ['one that replaces it', true],
  ])('paints and reads what float32 does, to 40 dB: %s', async (_, replaced) => {
    // The same weights elsewhere: what is kept of one is not taken for the other.
    const vae = join(folder, 'vae');
    cpSync(join(EMBEDDED_MODEL, 'vae'), vae, { recursive: true });
    const model = await openModel(EMBEDDED_MODEL, replaced ? { vae } : {});
    await using exact = networksOn('cpu', model, { precision: 'full' });
    await using fast = networksOn('cpu', model, { precision: 'int8' });
    await using painter = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
    const [picture] = await painter.txt2img({ prompt: 'a castle', steps: 8, seed: 3, width: 192, height: 256 });
    const pixels = tensorOf(picture!.pixels);
    const [want, got] = [(await exact.encodeImage(pixels)).mean, (await fast.encodeImage(pixels)).mean];
    const widest = want.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(ratio(got.data, want.data, 2 * widest)).toBeGreaterThan(40);
    const decoded: Tensor[] = [await exact.decodeLatents(want), await fast.decodeLatents(want)];
    expect(decoded[1]!.shape).toEqual([1, 3, 256, 192]);
    expect(ratio(decoded[0]!.data, decoded[1]!.data, 2)).toBeGreaterThan(40);
    expect(decoded[0]!.data).not.toEqual(decoded[1]!.data);
  });
});

describe('what computes in int8', () => {
  let model: Model;
  beforeAll(async () => {
    model = await openModel(EMBEDDED_MODEL);
  });

  test('nothing, unless asked to', () => {
    for (const precision of ['full', 'autocast'] as const) {
      expect(takesInt8('cpu', model, precision, true)).toBe(false);
    }
  });

  test('auto: processors with instructions for it', () => {
    expect(takesInt8('cpu', model, 'auto', true)).toBe(true);
    expect(takesInt8('cpu', model, 'auto', false)).toBe(false);
    expect(takesInt8('cuda', model, 'auto', true)).toBe(false);
    expect(takesInt8('cpu', { ...model, kind: 'onnx' } as Model, 'auto', true)).toBe(false);
  });

  test('int8 is refused where it is impossible', () => {
    expect(takesInt8('cpu', model, 'int8', false)).toBe(true);
    expect(() => takesInt8('webgpu', model, 'int8', true)).toThrow('int8 is for the processor, not for webgpu.');
    expect(() => takesInt8('cpu', { ...model, kind: 'onnx' } as Model, 'int8', true)).toThrow(/not in int8/);
  });
});
