import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { grid } from '../../../src/engine/image/grid.js';
import { byteOf, type Pixels } from '../../../src/engine/image/pixels.js';
import { readNpy } from '../../oracle.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/image/grid');
const { cases } = JSON.parse(readFileSync(join(FIXTURES, 'index.json'), 'utf8')) as {
  cases: { input: string; output: string; count: number; n_rows: number }[];
};

/** [n, 3, H, W] in 0..1 to pictures. */
function picturesIn(file: string): Pixels[] {
  const { shape, data } = readNpy(join(FIXTURES, file));
  const [count, , height, width] = shape as [number, number, number, number];
  const plane = height * width;
  return Array.from({ length: count }, (_, n) => ({
    width,
    height,
    data: Uint8Array.from({ length: plane * 3 }, (_, i) =>
      byteOf(Number(data[(n * 3 + (i % 3)) * plane + Math.floor(i / 3)])),
    ),
  }));
}

describe('the grid', () => {
  test.each(cases)(
    'of $count pictures with --n_rows $n_rows is laid out as the reference does',
    ({ input, output, n_rows }) => {
      const { shape, data } = readNpy(join(FIXTURES, output));
      const { width, height, data: bytes } = grid(picturesIn(input), n_rows);
      expect([height, width, 3]).toEqual(shape);
      expect(Buffer.from(bytes).equals(data as Uint8Array)).toBe(true);
    },
  );

  test('refuses pictures of different sizes, none at all, and no columns', () => {
    const small = { width: 1, height: 1, data: new Uint8Array(3) };
    const large = { width: 2, height: 1, data: new Uint8Array(6) };
    expect(() => grid([small, large], 2)).toThrow('differ in size: 1x1 and 2x1');
    expect(() => grid([], 2)).toThrow(RangeError);
    expect(() => grid([small, small], 0)).toThrow('at least one column');
  });
});
