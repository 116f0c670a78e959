import { beforeAll, describe, expect, test } from 'vitest';
import { canny } from '../../../src/engine/image/control/canny.js';
import {
  controlPicture,
  PREPROCESSOR_NAMES,
  type Preprocessor,
  preprocessorNamed,
} from '../../../src/engine/image/control/preprocess.js';
import { cover } from '../../../src/engine/image/cover.js';
import { loadPicture } from '../../../src/engine/image/load.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';

// test/fixtures/control/make.py made these with OpenCV.
const golden = (name: string) => loadPicture(`test/fixtures/control/${name}.png`);

let picture: Pixels;
beforeAll(async () => {
  picture = await golden('picture');
});
const made = (preprocessor: Preprocessor) => controlPicture(picture, picture.width, picture.height, preprocessor);

function distance(got: Pixels, want: Pixels) {
  expect([got.width, got.height]).toEqual([want.width, want.height]);
  const apart = got.data.map((byte, k) => Math.abs(byte - want.data[k]!));
  return { most: Math.max(...apart), share: apart.filter((value) => value > 0).length / apart.length };
}

describe("is what OpenCV's functions give", () => {
  test('canny, bit for bit', async () => {
    expect(made('canny')).toEqual(await golden('canny'));
    expect(canny(picture, 20, 40)).toEqual(await golden('canny-20-40'));
  });

  test('scribble, but for pixels at the threshold', async () => {
    expect(distance(made('scribble'), await golden('scribble')).share).toBeLessThan(0.001);
  });

  test.each(['lineart', 'blur'] as const)('%s, but for rounding', async (name) => {
    const { most, share } = distance(made(name), await golden(name));
    expect(most).toBeLessThanOrEqual(1);
    expect(share).toBeLessThan(0.05);
  });
});

test('a picture without an edge has none', () => {
  const plain: Pixels = { width: 9, height: 5, data: new Uint8Array(9 * 5 * 3).fill(90) };
  for (const name of ['canny', 'scribble', 'lineart'] as const) {
    expect(controlPicture(plain, 9, 5, name).data.every((byte) => byte === 0)).toBe(true);
  }
});

test('invert turns bytes around; tile and none keep the picture', () => {
  expect(made('invert').data.every((byte, k) => byte === 255 - picture.data[k]!)).toBe(true);
  expect(made('tile')).toEqual(picture);
  expect(made('none')).toEqual(picture);
});

test('colour has patches of 64 pixels, in the colours below them', () => {
  const halves: Pixels = {
    width: 128,
    height: 64,
    data: Uint8Array.from({ length: 128 * 64 * 3 }, (_, k) => (Math.floor(k / 3) % 128 < 64 ? 200 : 10)),
  };
  const { data } = controlPicture(halves, 128, 64, 'colour');
  const row = (y: number) => [...data.subarray(y * 128 * 3, (y + 1) * 128 * 3)];
  const [left, right] = [row(0)[0]!, row(0).at(-1)!];
  expect(left).toBeGreaterThan(170);
  expect(right).toBeLessThan(40);
  for (const y of [0, 63]) expect(row(y)).toEqual([...Array(192).fill(left), ...Array(192).fill(right)]);
});

test.each(PREPROCESSOR_NAMES)('%s gives the size that is painted, of any shape and of one pixel', (name) => {
  for (const [width, height] of [
    [64, 192],
    [8, 8],
    [1, 1],
  ] as const) {
    const { data, ...size } = controlPicture(picture, width, height, name);
    expect([size, data.length]).toEqual([{ width, height }, width * height * 3]);
  }
  const dot: Pixels = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
  expect(controlPicture(dot, 8, 8, name).data).toHaveLength(192);
});

test('what does not fit the shape is cut off, alike on both sides', () => {
  const columns: Pixels = {
    width: 6,
    height: 2,
    data: Uint8Array.from({ length: 36 }, (_, k) => Math.floor(k / 3) % 6),
  };
  expect([...cover(columns, 2, 2).data]).toEqual([2, 2, 2, 3, 3, 3, 2, 2, 2, 3, 3, 3]);
});

test("names are those of AUTOMATIC1111's extension as well", () => {
  expect(
    ['canny', 'Scribble_XDoG', 'lineart_standard (from white bg & black line)', 'color'].map(preprocessorNamed),
  ).toEqual(['canny', 'scribble', 'lineart', 'colour']);
  expect(preprocessorNamed('openpose_full')).toBeNull();
});
