import { describe, expect, test } from 'vitest';
import { hasInt8Instructions, largestWeight } from '../../../src/engine/int8/processor.js';
import { quantize } from '../../../src/engine/int8/quantize.js';

/** [outputs, inputs, places] with no two alike. */
function weights(outputs: number, inputs: number, places: number): Float32Array {
  return Float32Array.from({ length: outputs * inputs * places }, (_, i) => Math.sin(i * 12.9898) * (1 + (i % 7)));
}

describe('weights in int8', () => {
  // Including sizes that no block divides.
  test.each([
    [3, 5, 1],
    [64, 64, 1],
    [65, 130, 1],
    [70, 30, 9],
  ])('%i outputs of %i inputs at %i places are turned, and off by half a step at most', (outputs, inputs, places) => {
    const w = weights(outputs, inputs, places);
    const { matrix, scale } = quantize(w, outputs, inputs, places, 127);
    let worst = 0;
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        for (let p = 0; p < places; p++) {
          const got = matrix[(p * inputs + i) * outputs + o]! * scale[o]!;
          worst = Math.max(worst, Math.abs(got - w[(o * inputs + i) * places + p]!) / scale[o]!);
        }
      }
    }
    expect(worst).toBeLessThan(0.5001);
    expect(Math.max(...matrix)).toBeLessThanOrEqual(127);
    expect(Math.min(...matrix)).toBeGreaterThanOrEqual(-127);
  });

  test('an output with zero weights stays zero', () => {
    const { matrix, scale } = quantize(Float32Array.of(0, 0, -2, 1), 2, 2, 1, 127);
    expect([...matrix]).toEqual([0, -127, 0, 64]);
    expect(scale[0]).toBe(0);
  });

  test('NaN is not hidden', () => {
    const { scale } = quantize(Float32Array.of(1, Number.NaN, 1, 1), 2, 2, 1, 127);
    expect(scale[0]).toBeNaN();
    expect(scale[1]).toBeCloseTo(1 / 127);
  });
});

describe('the processor', () => {
  const linux = (flags: string) => () =>
    `processor\t: 0\nmodel name\t: some\nflags\t\t: fpu sse2 ${flags}\nbugs\t\t:\n`;

  test.each(['avx512_vnni', 'avx2 avx_vnni', 'amx_bf16 amx_tile amx_int8'])(
    'has instructions for int8: %s',
    (flags) => {
      expect(hasInt8Instructions(linux(flags))).toBe(true);
    },
  );

  test('has none where Linux names none, or nobody does', () => {
    expect(hasInt8Instructions(linux('avx2 avx512f'))).toBe(false);
    expect(hasInt8Instructions(() => 'Features\t: fp asimd asimddp i8mm\n')).toBe(false);
    expect(
      hasInt8Instructions(() => {
        throw new Error('ENOENT');
      }),
    ).toBe(false);
  });

  test('without them, two products of a byte and a weight have room in 16 bits', () => {
    expect(2 * 255 * largestWeight(false)).toBeLessThan(2 ** 15);
    expect(largestWeight(true)).toBe(127);
  });
});
