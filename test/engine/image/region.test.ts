import { describe, expect, test } from 'vitest';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { cut, maskedRegion, padded, pasted, shapedAs } from '../../../src/engine/image/region.js';

const size = { width: 512, height: 512 };
const filled = (width: number, height: number, value: number): Pixels => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(value),
});

describe('the region of a mask', () => {
  test('is the least rectangle with all that is not black', () => {
    const mask = filled(20, 10, 0);
    mask.data.fill(1, 3 * (2 * 20 + 5), 3 * (2 * 20 + 6));
    mask.data.fill(255, 3 * (7 * 20 + 11), 3 * (7 * 20 + 13));
    expect(maskedRegion(mask)).toEqual({ left: 5, top: 2, width: 8, height: 6 });
    expect(maskedRegion(filled(20, 10, 0))).toBeNull();
  });

  test('is padded as far as the picture goes', () => {
    const region = { left: 10, top: 100, width: 40, height: 400 };
    expect(padded(region, 32, size)).toEqual({ left: 0, top: 68, width: 82, height: 444 });
  });

  // What AUTOMATIC1111's modules/masking.py, expand_crop_region, gives for the same numbers.
  test.each([
    [
      { left: 100, top: 100, width: 128, height: 32 },
      { left: 100, top: 52, width: 128, height: 128 },
    ],
    [
      { left: 100, top: 470, width: 128, height: 32 },
      { left: 100, top: 384, width: 128, height: 128 },
    ],
    [
      { left: 0, top: 10, width: 20, height: 60 },
      { left: 0, top: 10, width: 60, height: 60 },
    ],
  ])('takes the proportions of what is painted: %j', (region, shaped) => {
    expect(shapedAs(region, { width: 64, height: 64 }, size)).toEqual(shaped);
  });
});

test('what is pasted leaves every pixel alone where the mask is black, and mixes where it is grey', () => {
  const mask = filled(4, 4, 0);
  mask.data.fill(255, 3 * 5, 3 * 6);
  mask.data.fill(51, 3 * 6, 3 * 7);
  const region = { left: 1, top: 1, width: 2, height: 2 };
  const whole = pasted(filled(4, 4, 100), filled(2, 2, 200), mask, region);
  expect([...whole.data].filter((value) => value !== 100)).toEqual([200, 200, 200, 120, 120, 120]);
  expect(cut(whole, region).data.slice(0, 6)).toEqual(Uint8Array.of(200, 200, 200, 120, 120, 120));
});
