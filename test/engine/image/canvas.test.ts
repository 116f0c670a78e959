import { describe, expect, test } from 'vitest';
import { canvasSize, onCanvas, roundedUp, seamMask, zoomedOut } from '../../../src/engine/image/canvas.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { cut } from '../../../src/engine/image/region.js';

const none = { left: 0, right: 0, top: 0, bottom: 0 };

/** Every pixel says where it is. */
function picture(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set([i % width, Math.floor(i / width), 7], 3 * i);
  return { width, height, data };
}

const row = ({ width, data }: Pixels, y: number) => Array.from({ length: width }, (_, x) => data[3 * (y * width + x)]!);

describe('a picture on a larger canvas', () => {
  const margins = { left: 40, right: 24, top: 16, bottom: 8 };

  test('is there pixel by pixel', () => {
    const small = picture(32, 24);
    const canvas = onCanvas(small, margins);
    expect([canvas.width, canvas.height]).toEqual([96, 48]);
    expect(cut(canvas, { left: 40, top: 16, width: 32, height: 24 })).toEqual(small);
  });

  test('is continued by what is just inside its edges, and always by the same noise', () => {
    const canvas = onCanvas(picture(32, 24), margins);
    expect(canvas).toEqual(onCanvas(picture(32, 24), margins));
    // An eighth of 32 pixels, there and back; next to the picture there is hardly any noise.
    expect(
      row(canvas, 20)
        .slice(72, 75)
        .map((value) => Math.round(value / 8)),
    ).toEqual([4, 4, 4]);
    const far = row(canvas, 20).slice(0, 8);
    expect(Math.max(...far) - Math.min(...far)).toBeGreaterThan(8);
  });

  test('loses what negative margins cut off', () => {
    const canvas = onCanvas(picture(32, 24), { ...none, left: -8, right: 8 });
    expect([canvas.width, canvas.height]).toEqual([32, 24]);
    expect(row(canvas, 3).slice(0, 24)).toEqual(Array.from({ length: 24 }, (_, x) => x + 8));
  });
});

describe('the mask', () => {
  test('is white outside, falls to black along the sides that grow, and is black everywhere else', () => {
    const mask = seamMask({ width: 32, height: 8 }, { ...none, right: 4 }, 3);
    expect(row(mask, 0)).toEqual([...Array(29).fill(0), 64, 128, 191, 255, 255, 255, 255]);
    expect(row(mask, 7)).toEqual(row(mask, 0));
  });

  test('leaves half of a small picture alone, whatever the seam', () => {
    const mask = seamMask({ width: 8, height: 8 }, { left: 4, right: 4, top: 4, bottom: 4 }, 64);
    expect(row(mask, 8).slice(4, 12)).toEqual([170, 85, 0, 0, 0, 0, 85, 170]);
  });

  test('has no seam at a side where something is cut off', () => {
    const mask = seamMask({ width: 32, height: 8 }, { ...none, left: -8, right: 8 }, 2);
    expect(row(mask, 0)).toEqual([...Array(22).fill(0), 85, 170, ...Array(8).fill(255)]);
  });
});

test.each([
  [
    { ...none, right: 100 },
    { ...none, right: 128, bottom: 0 },
  ],
  [
    { ...none, left: 30, right: 10 },
    { ...none, left: 48, right: 16 },
  ],
  [none, none],
  [
    { ...none, top: 10 },
    { ...none, top: 64 },
  ],
])('margins grow to what a model can paint: %j', (asked, given) => {
  expect(roundedUp({ width: 512, height: 512 }, asked, 64)).toEqual(given);
});

test('a side that cannot be painted grows where nothing was asked for', () => {
  expect(roundedUp({ width: 500, height: 375 }, { ...none, left: 64 }, 64)).toEqual({ ...none, left: 76, bottom: 9 });
});

test.each([1.5, 2, 3])('zoomed out %d times, a picture is in the middle of the same canvas', (factor) => {
  const canvas = { width: 512, height: 320 };
  const { image, ...margins } = zoomedOut(canvas, factor);
  expect(canvasSize(image, margins)).toEqual(canvas);
  expect(image).toEqual({ width: Math.round(512 / factor), height: Math.round(320 / factor) });
  expect(Math.abs(margins.left - margins.right)).toBeLessThanOrEqual(1);
});
