import { describe, expect, test } from 'vitest';
import { AREA_WEIGHT, ratioOf, type Size, sizeNear } from '../../../src/bot/request/size.js';

const { picture, words } = AREA_WEIGHT;

describe('a size near a shape and a number of pixels', () => {
  test.each<[Size, number, number, number, Size]>([
    // A photograph for the embedded model, and for Stable Diffusion v1.
    [[1200, 800], 128, 32, picture, [192, 128]],
    [[1200, 800], 512, 64, picture, [576, 384]],
    [[800, 1200], 128, 32, picture, [128, 192]],
    // Small pictures are enlarged.
    [[16, 16], 128, 32, picture, [128, 128]],
    [[4000, 3000], 512, 64, picture, [576, 448]],
    // Unchanged.
    [[96, 160], 128, 32, picture, [96, 160]],
    [[2, 3], 128, 32, words, [96, 160]],
    [[2, 3], 512, 64, words, [384, 576]],
    [[9, 16], 512, 64, words, [384, 704]],
    [[1, 1], 512, 64, words, [512, 512]],
    // A ratio of numbers whose products are too large, or too small, for a number.
    [[1e308, 1e308], 512, 64, words, [512, 512]],
    [[3e-320, 2e-320], 512, 64, words, [576, 384]],
  ])('%j, %d squared, in steps of %d', (shape, side, step, weight, size) => {
    expect(sizeNear(shape, side ** 2, step, weight)).toEqual(size);
  });

  test('is never far from the area, whatever the shape', () => {
    for (let across = 1; across <= 12; across++) {
      for (let down = 1; down <= 12; down++) {
        const [width, height] = sizeNear([across, down], 512 ** 2, 64, picture);
        expect(width % 64 || height % 64).toBe(0);
        expect((width * height) / 512 ** 2).toBeGreaterThan(0.5);
        expect((width * height) / 512 ** 2).toBeLessThan(1.75);
      }
    }
  });

  test('fitting twice changes nothing', () => {
    for (const shape of [
      [1200, 800],
      [3, 7],
      [100, 99],
    ] as Size[]) {
      const once = sizeNear(shape, 128 ** 2, 32, picture);
      expect(sizeNear(once, 128 ** 2, 32, picture)).toEqual(once);
      expect(sizeNear(once, once[0] * once[1], 32, picture)).toEqual(once);
    }
  });
});

test.each<[Size, string]>([
  [[128, 128], '1:1'],
  [[96, 160], '3:5'],
  [[384, 576], '2:3'],
  [[384, 704], '9:16'],
  [[704, 384], '16:9'],
  [[32, 224], '1:7'],
])('%j is called %s', (size, ratio) => {
  expect(ratioOf(size)).toBe(ratio);
});
