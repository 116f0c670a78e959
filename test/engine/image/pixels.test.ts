import { describe, expect, test } from 'vitest';
import { pixelsOf, tensorOf } from '../../../src/engine/image/pixels.js';

describe('pixels', () => {
  test('cut the intensity off instead of rounding it, and clamp what the decoder overshoots', () => {
    const red = [-1.5, -1, -0.0001, 0, 0.9999, 1, 1.5, Number.NaN];
    const tensor = { data: Float32Array.from([red, red, red].flat()), shape: [1, 3, 2, 4] };
    const [picture] = pixelsOf(tensor);
    expect(picture).toMatchObject({ width: 4, height: 2 });
    expect([...picture!.data].filter((_, i) => i % 3 === 0)).toEqual([0, 0, 127, 127, 254, 255, 255, 0]);
  });

  test('of a batch are taken picture by picture, channels interleaved', () => {
    const tensor = { data: Float32Array.from([-1, 0, 1, 1, 0, -1]), shape: [2, 3, 1, 1] };
    expect(pixelsOf(tensor).map(({ data }) => [...data])).toEqual([
      [0, 127, 255],
      [255, 127, 0],
    ]);
  });

  test('to the encoder go as 2 * (byte / 255) - 1 in float32', () => {
    const picture = { width: 2, height: 1, data: Uint8Array.of(0, 1, 2, 127, 128, 255) };
    const { data, shape } = tensorOf(picture);
    expect(shape).toEqual([1, 3, 1, 2]);
    // numpy: 2 * (np.float32([0, 127, 1, 128, 2, 255]) / 255) - 1
    const want = [-1, -0.003921568393707275, -0.9921568632125854, 0.003921627998352051, -0.9843137264251709, 1];
    expect([...data]).toEqual(want.map(Math.fround));
  });

  test('of one byte survive the way to a tensor and back within one', () => {
    const every = { width: 256, height: 1, data: Uint8Array.from({ length: 768 }, (_, i) => i / 3) };
    const [back] = pixelsOf(tensorOf(every));
    for (const [i, byte] of every.data.entries()) expect(byte - back!.data[i]!).toBeOneOf([0, 1]);
  });
});
