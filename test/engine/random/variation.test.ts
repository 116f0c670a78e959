import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { slerp } from '../../../src/engine/random/slerp.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { oracle } from '../../oracle.js';

type Shape = readonly [number, number, number];

interface Packed {
  readonly shape: readonly number[];
  readonly data: string;
}

interface Golden {
  readonly id: string;
  readonly kind: 'slerp' | 'slerp_tensors' | 'slerp_batch';
  readonly seed: number;
  readonly subseed: number;
  readonly strength: number;
  readonly low: Packed;
  readonly high: Packed;
  readonly out: Packed;
}

/** AUTOMATIC1111's formula in PyTorch; make.mjs beside it says where it comes from. */
const GOLDENS: readonly Golden[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/variation/goldens.json'), 'utf8'),
);

const numbers = ({ data }: Packed) => new Float32Array(new Uint8Array(Buffer.from(data, 'base64')).buffer);
const noise = (seed: number, count: number) => new TorchGenerator(seed).randn(count);

function largest(got: Float32Array, wanted: Float32Array): number {
  expect(got.length).toBe(wanted.length);
  return got.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0);
}

describe('two noises mixed as AUTOMATIC1111 does', () => {
  test.each(GOLDENS)('$id', ({ kind, seed, subseed, strength, out, ...given }) => {
    const shape = out.shape.slice(-3) as unknown as Shape;
    const count = shape[0] * shape[1] * shape[2];
    const pictures = out.shape.length === 4 ? out.shape[0]! : 1;
    const mixed = Array.from({ length: pictures }, (_, k) => {
      const [low, high] =
        kind === 'slerp_tensors'
          ? [numbers(given.low), numbers(given.high)]
          : [noise(seed, count), noise(subseed + k, count)];
      return [...slerp(low, high, strength, shape)];
    });
    expect(largest(Float32Array.from(mixed.flat()), numbers(out))).toBeLessThan(1e-5);
  });

  test('is as strong as either, for any seeds and weight, and nothing but numbers', () => {
    const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const side = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(seed, seed, fc.double({ min: 0, max: 1, noNaN: true }), side, side, (low, high, weight, h, w) => {
        const count = 4 * h * w;
        const mixed = slerp(noise(low, count), noise(high, count), weight, [4, h, w]);
        expect(mixed.every(Number.isFinite)).toBe(true);
        if (h > 7 && w > 7) {
          const power = mixed.reduce((sum, value) => sum + value ** 2, 0) / count;
          expect(power).toBeGreaterThan(0.6);
          expect(power).toBeLessThan(1.5);
        }
      }),
    );
  });

  test('a column that is parallel by itself stays what it is', () => {
    const low = noise(1, 32);
    const high = noise(2, 32);
    // The first of the two columns of four.
    for (let i = 0; i < 32; i += 2) high[i] = low[i]!;
    const mixed = slerp(low, high, 0.3, [4, 4, 2]);
    for (let i = 0; i < 32; i += 2) expect(mixed[i]).toBeCloseTo(low[i]!, 5);
  });
});

describe('pictures of a variation seed', () => {
  let sd: StableDiffusion;
  beforeAll(async () => {
    sd = await StableDiffusion.open(oracle('ckpt/tiny/diffusers'), { device: 'cpu' });
  });
  afterAll(() => sd.close());

  const common = { prompt: 'a fox', steps: 2, width: 64, height: 64, seed: 42 };
  const grey: Pixels = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).map((_, i) => i % 251) };
  const furthest = (a: Pixels, b: Pixels) =>
    a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);

  test('all have the seed, and picture k the noise of the other seed + k, in the metadata as in what is painted', async () => {
    const batch = await sd.txt2img({ ...common, count: 2, variation: { seed: 2 ** 32 - 1, strength: 0.3 } });
    expect(batch.map(({ seed, parameters }) => [seed, parameters.variationSeed, parameters.variationStrength])).toEqual(
      [
        [42, 2 ** 32 - 1, 0.3],
        [42, 0, 0.3],
      ],
    );
    const [alone] = await sd.txt2img({ ...common, variation: { seed: 0, strength: 0.3 } });
    expect(furthest(alone!.pixels, batch[1]!.pixels)).toBeLessThanOrEqual(1);
    expect(furthest(batch[0]!.pixels, batch[1]!.pixels)).toBeGreaterThan(1);
  });

  test('at 0 are those of the seed, at 1 those of the other', async () => {
    const [first, other] = await sd.txt2img({ ...common, count: 2 });
    const none = await sd.txt2img({ ...common, count: 2, variation: { seed: 43, strength: 0 } });
    expect(none.map(({ pixels }) => pixels)).toEqual([first!.pixels, other!.pixels]);
    expect(none[1]!.parameters).toMatchObject({ seed: 43, variationSeed: undefined });
    const [all] = await sd.txt2img({ ...common, variation: { seed: 43, strength: 1 } });
    expect(furthest(all!.pixels, other!.pixels)).toBeLessThanOrEqual(1);
  });

  test('are painted from pictures and into masks, too', async () => {
    const variation = { seed: 7, strength: 0.5 };
    const { width: _, height: __, ...rest } = common;
    const mask = { ...grey, data: new Uint8Array(grey.data.length).fill(255) };
    for (const paint of [
      (own: object) => sd.img2img({ ...rest, image: grey, strength: 0.9, ...own }),
      (own: object) => sd.inpaint({ ...rest, image: grey, mask, strength: 0.9, ...own }),
    ]) {
      const [[plain], [varied]] = [await paint({}), await paint({ variation })];
      expect(furthest(plain!.pixels, varied!.pixels)).toBeGreaterThan(0);
      expect(varied!.parameters).toMatchObject({ seed: 42, variationSeed: 7, variationStrength: 0.5, strength: 0.9 });
    }
  });

  test("with a GPU's random numbers say so", async () => {
    const cuda = { ...common, rng: 'cuda' as const };
    const [picture] = await sd.txt2img({ ...cuda, variation: { seed: 7, strength: 0.2 } });
    expect(picture!.parameters).toMatchObject({ rng: 'GPU', variationSeed: 7 });
  });

  test.each([
    ['a strength above 1', { variation: { strength: 1.5 } }, /variation.strength/],
    ['a seed that is none', { variation: { seed: 0.5, strength: 0.5 } }, /variation.seed/],
    ['a generator beside it', { variation: { strength: 0.5 }, generator: new TorchGenerator(1) }, /generator/],
    ['latents beside it', { variation: { strength: 0.5 }, latents: new Float32Array(256) }, /latents/],
    ['random numbers of nobody', { rng: 'mps' as 'cpu' }, /rng/],
  ])('%s is refused', async (_, own, said) => {
    await expect(sd.txt2img({ ...common, ...own })).rejects.toThrow(said);
  });
});
