import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';

const PAINTED = { steps: 6, width: 64, height: 64, seed: 3 };
let sd: StableDiffusion;
let [red, blue]: Pixels[] = [];
beforeAll(async () => {
  sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', precision: 'full' });
  [red, blue] = (await sd.txt2img({ ...PAINTED, prompt: ['a red apple', 'a blue fish'] })).map(({ pixels }) => pixels);
});
afterAll(() => sd?.close());

/** Root of the mean square of the difference, 0..255. */
function apart(a: Pixels, b: Pixels): number {
  return Math.sqrt(a.data.reduce((sum, value, i) => sum + (value - b.data[i]!) ** 2, 0) / a.data.length);
}

async function blended(weights: readonly number[] | undefined, more = {}) {
  const images = [red!, blue!];
  const [picture] = await sd.blend({ prompt: 'an apple', steps: 6, seed: 5, strength: 0, images, weights, ...more });
  return picture!;
}

describe('a blend', () => {
  test('is what its weights say: either picture, or one between them', async () => {
    const [first, second, both] = [await blended([1, 0]), await blended([0, 5]), await blended(undefined)];
    expect(apart(first.pixels, red!)).toBeLessThan(12);
    expect(apart(second.pixels, blue!)).toBeLessThan(12);
    const whole = apart(first.pixels, second.pixels);
    for (const one of [first, second]) expect(apart(both.pixels, one.pixels)).toBeLessThan(0.8 * whole);
    expect(both.parameters).toMatchObject({ blend: '50% + 50%', strength: 0 });
    expect((await blended([3, 1])).pixels).toEqual((await blended([0.6, 0.2])).pixels);
  });

  test('picture k can be painted again from its own seed', async () => {
    const more = { strength: 0.7, weights: [1, 2] };
    const pictures = await sd.blend({ prompt: 'x', steps: 6, seed: 5, count: 2, images: [red!, blue!], ...more });
    expect(pictures[1]!.seed).toBe(6);
    // Rows of a batch differ in the last bit.
    expect(
      apart((await blended(more.weights, { ...more, prompt: 'x', seed: 6 })).pixels, pictures[1]!.pixels),
    ).toBeLessThan(1);
    expect(apart(pictures[0]!.pixels, pictures[1]!.pixels)).toBeGreaterThan(5);
  });

  test.each([
    ['one picture', { images: 1 }, 'images must be a list of 2 to 4, got a list of 1.'],
    ['five', { images: 5 }, 'images must be a list of 2 to 4, got a list of 5.'],
    ['too few weights', { images: 2, weights: [1] }, 'weights has 1 numbers for 2 pictures: give one for each.'],
    ['nothing that counts', { images: 2, weights: [0, 0] }, 'weights are all 0: one picture at least must count.'],
    ['a negative weight', { images: 2, weights: [1, -1] }, 'weights[1] must be from 0 to 100, got -1.'],
  ])('is refused: %s', async (_, { images, ...rest }, message) => {
    const request = { prompt: 'x', images: Array<Pixels>(images).fill(red!), ...rest };
    await expect(sd.blend(request)).rejects.toThrow(message);
  });

  test('is refused for pictures of two sizes', async () => {
    const large = { width: 128, height: 128, data: new Uint8Array(128 * 128 * 3) };
    await expect(sd.blend({ prompt: 'x', images: [red!, large] })).rejects.toThrow('must have the same size');
  });
});
