import { describe, expect, test } from 'vitest';
import { fromFloat32, gather, toFloat32 } from '../../../src/engine/checkpoint/values.js';

const bits = (values: Float32Array) => new Uint32Array(values.buffer);

describe('half precision', () => {
  test('every float16 becomes its float32 and itself again', () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, k) => k).filter((half) => (half & 0x7fff) <= 0x7c00);
    const values = toFloat32(new Uint8Array(halves.buffer), 'F16');
    expect(new Uint16Array(fromFloat32(values, 'F16').buffer)).toEqual(halves);
    expect([values[1], values[0x3c00], values[0x7bff], values[0x7c00]]).toEqual([
      2 ** -24,
      1,
      65504,
      Number.POSITIVE_INFINITY,
    ]);
  });

  test.each([
    ['a tie goes to the even neighbour below', 1 + 2 ** -11, 1],
    ['a tie goes to the even neighbour above', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['more than half goes up', 1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
    ['a carry goes into the exponent', 2 - 2 ** -12, 2],
    ['what is too large becomes infinite', 65520, Number.POSITIVE_INFINITY],
    ['just below that stays finite', 65519, 65504],
    ['small numbers lose bits', 2 ** -24 * 1.6, 2 ** -23],
    ['half of the smallest is nothing', 2 ** -25, 0],
    ['a little more is the smallest', 2 ** -25 * 1.01, 2 ** -24],
    ['signs stay', -(1 + 2 ** -11), -1],
  ])('%s', (_, value, expected) => {
    expect(toFloat32(fromFloat32(Float32Array.of(value), 'F16'), 'F16')[0]).toBe(expected);
  });

  test('NaN stays NaN, in both formats', () => {
    for (const dtype of ['F16', 'BF16'] as const) {
      expect(toFloat32(fromFloat32(Float32Array.of(Number.NaN), dtype), dtype)[0]).toBeNaN();
    }
  });

  test('bfloat16 is the upper half of a float32, rounded', () => {
    const values = toFloat32(fromFloat32(Float32Array.of(1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -Math.PI), 'BF16'), 'BF16');
    expect([...bits(values)].every((word) => (word & 0xffff) === 0)).toBe(true);
    expect([...values]).toEqual([1, 1, 1 + 2 ** -6, -3.140625]);
  });
});

test('bytes at an odd address are read', () => {
  const bytes = new Uint8Array(9);
  bytes.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), 1);
  expect([...toFloat32(bytes.subarray(1), 'F32')]).toEqual([1.5, -2]);
});

test('integers become numbers', () => {
  expect([...toFloat32(new Uint8Array(BigInt64Array.of(-3n, 7n).buffer), 'I64')]).toEqual([-3, 7]);
});

describe('strided tensors are put in order', () => {
  const stored = Uint8Array.of(0, 1, 2, 3, 4, 5);

  test.each([
    ['transposed', [3, 2], [1, 3], [0, 3, 1, 4, 2, 5]],
    ['every other column', [2, 2], [3, 2], [0, 2, 3, 5]],
    ['one row again and again', [2, 3], [0, 1], [0, 1, 2, 0, 1, 2]],
    ['a scalar', [], [], [0]],
    ['nothing', [0, 3], [3, 1], []],
  ])('%s', (_, shape, strides, expected) => {
    expect([...gather(stored, shape, strides, 1)]).toEqual(expected);
  });
});
