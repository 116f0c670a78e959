import { expect, test } from 'vitest';
import { filled } from '../../../src/engine/image/fill.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';

const [width, height] = [48, 32];
function painted(rgb: (x: number, y: number) => readonly [number, number, number]): Pixels {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) data.set(rgb(i % width, Math.floor(i / width)), 3 * i);
  return { width, height, data };
}
const grey = (value: number) => [value, value, value] as const;
const picture = painted((x, y) => [(5 * x) % 256, (7 * y + 3 * x) % 256, (255 - 4 * x + y) % 256]);
const mask = painted((x, y) => grey(y < 8 || y >= 24 || x < 13 || x > 40 ? 0 : x === 13 ? 128 : x === 40 ? 64 : 255));

/** From Pillow 13: GaussianBlur of the kept part, premultiplied, with each radius, and alpha_composite over the wider ones. */
const PILLOW: readonly (readonly [x: number, y: number, rgb: readonly number[]])[] = [
  [14, 8, [66, 88, 209]],
  [13, 16, [59, 147, 221]],
  [20, 12, [91, 102, 169]],
  [26, 16, [126, 109, 146]],
  [33, 20, [168, 67, 139]],
  [39, 23, [198, 35, 119]],
  [40, 10, [201, 189, 104]],
  [3, 3, [15, 30, 246]],
];

const pixelAt = ({ data }: Pixels, x: number, y: number) => [...data.subarray(3 * (y * width + x)).subarray(0, 3)];

test("what is masked takes the colours around it, as Pillow's blurs give them but for their rounding", () => {
  const got = filled(picture, mask);
  for (const [x, y, rgb] of PILLOW)
    for (const [c, value] of pixelAt(got, x, y).entries())
      expect(Math.abs(value - rgb[c]!), `${x},${y}`).toBeLessThan(5);
});

test('what is kept stays to the pixel, and nothing around is black', () => {
  const got = filled(picture, mask);
  for (const [x, y] of [
    [0, 0],
    [12, 12],
    [47, 31],
    [41, 16],
  ] as const)
    expect(pixelAt(got, x, y)).toEqual(pixelAt(picture, x, y));
  expect(
    filled(
      picture,
      painted(() => grey(255)),
    ).data.every((value) => value === 0),
  ).toBe(true);
});
