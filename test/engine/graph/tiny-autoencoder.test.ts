import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { pixelsOf } from '../../../src/engine/image/pixels.js';
import type { Networks } from '../../../src/engine/networks.js';
import type { Progress } from '../../../src/engine/pipeline/progress.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { oracle, readNpy, secondOracle } from '../../oracle.js';
import { type Made, takeApart, writeSafetensors } from '../checkpoint/write-safetensors.js';

/** Numbers of diffusers' AutoencoderTiny on random weights (the oracle's second part, docs/taesd.md); its tolerances. */
const MODEL = oracle('ckpt/tiny/diffusers');
const CKPT = secondOracle('taesd/ckpt');
const numbers = (name: string) => readNpy(secondOracle(`taesd/goldens/${name}.npy`));

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-taesd-'));
  await writeSafetensors(join(folder, 'both.safetensors'), await original());
  await cp(join(CKPT, 'taesd_decoder.pth'), join(folder, 'alone.pth'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each([
  ["diffusers' folder", () => join(CKPT, 'diffusers')],
  ["diffusers' file", () => join(CKPT, 'diffusers/diffusion_pytorch_model.safetensors')],
  ["the original's decoder, its encoder beside it", () => join(CKPT, 'taesd_decoder.pth')],
  ["a folder with the original's two files", () => CKPT],
  ['a collection with prefixes', () => join(folder, 'both.safetensors')],
])('%s', (_, place) => {
  let networks: Networks;
  beforeAll(async () => {
    const model = await openModel(MODEL, { vae: place() });
    expect(model).toMatchObject({ scalingFactor: 1, downsampling: 8, warnings: [] });
    networks = networksOn('cpu', model);
  });
  afterAll(() => networks.close());

  test.each(['decode_64x48', 'decode_32x40'])('%s', async (id) => {
    const { data, shape } = numbers(`${id}/latents`);
    const picture = await networks.decodeLatents({ data: data as Float32Array, shape });
    expect(picture.shape).toEqual(numbers(`${id}/sample`).shape);
    expect(largestDifference(picture.data, numbers(`${id}/sample`).data as Float32Array)).toBeLessThan(1e-4);
    const bytes = pixelsOf(picture)[0]!.data;
    expect(largestDifference(bytes, numbers(`${id}/image_u8_trunc`).data as Uint8Array)).toBeLessThanOrEqual(1);
  });

  test.each(['encode_64x48', 'encode_32x40'])('%s', async (id) => {
    const { data, shape } = numbers(`${id}/image_u8`);
    const [height, width] = shape as [number, number];
    const sample = new Float32Array(3 * height * width);
    for (let i = 0; i < sample.length; i++) {
      sample[i] = Number(data[3 * (i % (height * width)) + Math.floor(i / height / width)]) / 127.5 - 1;
    }
    const { mean, logvar } = await networks.encodeImage({ data: sample, shape: [1, 3, height, width] });
    expect(logvar).toBeNull();
    expect(largestDifference(mean.data, numbers(`${id}/latents`).data as Float32Array)).toBeLessThan(1e-4);
  });
});

test('a decoder alone paints, but cannot start from a picture', async () => {
  const model = await openModel(MODEL, { vae: join(folder, 'alone.pth') });
  expect(model.warnings).toEqual([expect.stringContaining('img2img cannot be used')]);
});

test('an encoder alone is refused', async () => {
  await cp(join(CKPT, 'taesd_encoder.pth'), join(folder, 'lonely.pth'));
  await expect(openModel(MODEL, { vae: join(folder, 'lonely.pth') })).rejects.toThrow(/encoder alone/);
});

test('as a checkpoint it is told what it is', async () => {
  await expect(openModel(join(CKPT, 'taesd_decoder.pth'))).rejects.toThrow(/an autoencoder/);
});

test('it paints from words and from a picture, and previews have the size of the picture', async () => {
  const tiny = join(CKPT, 'diffusers');
  await using sd = await StableDiffusion.open(MODEL, { vae: tiny, previewVae: tiny, safetyChecker: false });
  const seen: Progress[] = [];
  const request = { prompt: 'a red apple', steps: 2, seed: 1, sampler: 'euler' } as const;
  const sized = { ...request, width: 64, height: 64 };
  const [picture] = await sd.txt2img(sized, { onProgress: (progress) => seen.push(progress) });
  const [look] = await seen.at(-1)!.previews();
  expect(look).toMatchObject({ width: 64, height: 64, scale: 1 });
  // The last step's prediction is the picture, and so is its preview.
  expect(largestDifference(look!.data, picture!.pixels.data)).toBeLessThanOrEqual(1);
  const [again] = await sd.img2img({ ...request, image: picture!.pixels, strength: 0.6 });
  expect(again!.pixels.width).toBe(64);
});

/** The original's two files in one, as collections have them. */
async function original(): Promise<Map<string, Made>> {
  const made = new Map<string, Made>();
  for (const part of ['encoder', 'decoder']) {
    for (const [name, tensor] of await takeApart(join(CKPT, `taesd_${part}.pth`)))
      made.set(`taesd_${part}.${name}`, tensor);
  }
  return made;
}
