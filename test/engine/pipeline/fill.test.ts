import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { INPAINT_FILLS, type InpaintFill } from '../../../src/engine/pipeline/request.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';

const side = 64;
let sd: StableDiffusion;
beforeAll(async () => {
  sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', threads: 1, precision: 'full' });
});
afterAll(() => sd.close());

// test/oracle/fill.py
const { tokens, width, ...golden } = JSON.parse(readFileSync('test/fixtures/fill.json', 'utf8'));
const image = drawn((x, y) => [4 * x, (3 * y + x) % 256, 255 - 2 * (x + y)]);
const mask = drawn((x, y) => Array(3).fill(y >= 16 && y < 48 && x >= 16 && x < 48 ? 255 : 0));

const randn = (seed: number) => ({
  data: new TorchGenerator(seed).randn(tokens * width),
  shape: [1, tokens, width],
});
const repainted = async (fill?: InpaintFill) => {
  const words = { promptEmbeddings: randn(1), negativeEmbeddings: randn(2) };
  const how = { steps: 5, strength: 0.4, scale: 2.5, sampler: 'ddim', generator: new TorchGenerator(7) } as const;
  return (await sd.inpaint({ ...words, ...how, image, mask, fill, output: 'latents' }))[0]!;
};

/** Root of the mean square. */
function apart(some: readonly number[], other: readonly number[]): number {
  return Math.sqrt(some.reduce((sum, value, i) => sum + (value - other[i]!) ** 2, 0) / some.length);
}

test.each(INPAINT_FILLS)("what is masked begins as %s, with torch's latents", async (fill) => {
  const { latents, parameters } = await repainted(fill);
  const kept = [...latents.data].filter((_, i) => i % 3 === 0);
  expect(kept).toHaveLength(golden[fill].length);
  expect(apart(kept, golden[fill])).toBeLessThan(0.01);
  for (const other of INPAINT_FILLS)
    if (other !== fill) expect(apart(kept, golden[other]), other).toBeGreaterThan(0.03);
  const words = { original: undefined, surroundings: 'fill', noise: 'latent noise', nothing: 'latent nothing' };
  expect(parameters.maskedContent).toBe(words[fill]);
});

test('what is masked begins as the picture where nothing else is said', async () => {
  const [usual, original] = [await repainted(), await repainted('original')];
  expect(usual.latents).toEqual(original.latents);
});

function drawn(rgb: (x: number, y: number) => number[]): Pixels {
  const data = new Uint8Array(3 * side * side);
  for (let i = 0; i < side * side; i++) data.set(rgb(i % side, Math.floor(i / side)), 3 * i);
  return { width: side, height: side, data };
}
