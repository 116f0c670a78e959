import { describe, expect, test } from 'vitest';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import type { Tensor } from '../../../src/engine/networks.js';
import { CUTTING, type Enlarger, enlarge, tilesOf } from '../../../src/engine/upscaler/enlarge.js';
import { cutSide, ramp } from '../../../src/engine/upscaler/tiles.js';

const { tile: TILE, margin: MARGIN } = CUTTING;
const WHOLE = { ...CUTTING, tile: 4 * TILE };

describe('a side is cut', () => {
  test.each([
    [100, 1],
    [128, 1],
    [130, 2],
    [512, 5],
    [1024, 11],
  ])('%i pixels into %i spans, equal and overlapping', (length, count) => {
    const { size, spans } = cutSide(length, 128, 32, 2);
    expect(spans).toHaveLength(count);
    expect(size).toBeLessThanOrEqual(128);
    expect([spans[0]!.from, spans.at(-1)!.from + size]).toEqual([0, length]);
    for (const { common } of spans.slice(1)) expect(common).toBeGreaterThanOrEqual(32);
  });
});

test('a ramp ignores both margins', () => {
  expect([...ramp(8, 2)]).toEqual([0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1]);
});

describe('tiles', () => {
  const width = 3 * TILE + 5;
  const height = TILE + 41;
  const picture: Pixels = {
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919 + ((i * i) >> 5)) & 255),
  };

  test.each([1, 2])(
    'laid together are what one run makes of the whole, if a network sees no farther than the margin (x%i)',
    async (scale) => {
      const network = blur(scale, MARGIN);
      const whole = await enlarge(network, picture, async () => {}, WHOLE);
      const tiled = await enlarge(network, picture, async () => {});
      expect(tilesOf(width, height, network, WHOLE)).toBe(1);
      expect(tilesOf(width, height, network)).toBe(8);
      expect(largest(whole!, tiled!)).toBeLessThanOrEqual(1);
      // One that sees farther shows what the tiles leave out.
      const far = blur(scale, 3 * MARGIN);
      const [wholeFar, tiledFar] = [
        await enlarge(far, picture, async () => {}, WHOLE),
        await enlarge(far, picture, async () => {}),
      ];
      expect(largest(wholeFar!, tiledFar!)).toBeGreaterThan(1);
    },
  );

  test('numbers that are no picture are none', async () => {
    const broken = {
      ...blur(1, 0),
      run: async ({ shape, data }: Tensor) => ({ shape, data: data.map(() => Number.NaN) }),
    };
    expect(await enlarge(broken, picture, async () => {})).toBeUndefined();
  });
});

/** The mean of each pixel and those `reach` to the left, right, above and below, nothing beyond the border. */
function blur(scale: number, reach: number): Enlarger {
  const run = async ({ data, shape }: Tensor): Promise<Tensor> => {
    const [, channels, height, width] = shape as [number, number, number, number];
    const large = new Float32Array(data.length * scale ** 2);
    const at = (c: number, y: number, x: number) =>
      y < 0 || x < 0 || y >= height || x >= width ? 0 : data[(c * height + y) * width + x]!;
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height * scale; y++) {
        for (let x = 0; x < width * scale; x++) {
          const [v, u] = [Math.floor(y / scale), Math.floor(x / scale)];
          const around =
            at(c, v, u) + at(c, v - reach, u) + at(c, v + reach, u) + at(c, v, u - reach) + at(c, v, u + reach);
          large[(c * height * scale + y) * width * scale + x] = around / 5;
        }
      }
    }
    return { data: large, shape: [1, channels, height * scale, width * scale] };
  };
  return { scale, unit: 1, run };
}

function largest(a: Pixels, b: Pixels): number {
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
}
