import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL, encodePng, type Pixels, readMetadata, StableDiffusion } from '../../../src/engine/index.js';
import type { Model } from '../../../src/engine/model.js';
import { takesInt8 } from '../../../src/engine/runtime/precision.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-int8-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Peak signal-to-noise ratio in dB. */
function psnr(a: Pixels, b: Pixels): number {
  const sum = a.data.reduce((total, value, i) => total + (value - b.data[i]!) ** 2, 0);
  return 10 * Math.log10(255 ** 2 / (sum / a.data.length));
}

describe('pictures in int8', () => {
  let fast: StableDiffusion;
  beforeAll(async () => {
    fast = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', precision: 'int8', cache: folder });
  });
  afterAll(() => fast.close());

  test('are those of float32 to 30 dB and more, and say what they are', async () => {
    await using exact = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
    const prompts = ['a red apple', 'a castle', 'a penguin on a light blue background'];
    const request = { seed: 5, steps: 12 };
    for (const prompt of prompts) {
      const [want] = await exact.txt2img({ ...request, prompt });
      const [got] = await fast.txt2img({ ...request, prompt });
      expect(psnr(got!.pixels, want!.pixels)).toBeGreaterThan(30);
      expect(got!.pixels.data).not.toEqual(want!.pixels.data);
      expect(want!.parameters.precision).toBeUndefined();
      const png = await encodePng(got!.pixels, got!.parameters);
      expect(await readMetadata(png)).toMatchObject({ precision: 'int8' });
    }
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

  test('come from a picture, too', async () => {
    const [first] = await fast.txt2img({ prompt: 'a red apple', steps: 4, seed: 1 });
    const [second] = await fast.img2img({ prompt: 'a green apple', image: first!.pixels, steps: 8, strength: 0.5 });
    expect(second!.parameters.precision).toBe('int8');
  });
});

describe('what computes in int8', () => {
  let model: Model;
  beforeAll(async () => {
    model = await openModel(EMBEDDED_MODEL);
  });

  test('nothing that was not asked to', () => {
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

  test('int8 is refused where it cannot be', () => {
    expect(takesInt8('cpu', model, 'int8', false)).toBe(true);
    expect(() => takesInt8('webgpu', model, 'int8', true)).toThrow('int8 is for the processor, not for webgpu.');
    expect(() => takesInt8('cpu', { ...model, kind: 'onnx' } as Model, 'int8', true)).toThrow(/not in int8/);
  });
});
