import { readValues } from '../checkpoint/values.js';
import type { Int8Demand } from '../graph/form.js';

/** Side of the blocks in which a matrix is transposed: they fit into the processor's L1 cache. */
const BLOCK = 64;

export interface QuantizedValues {
  /** [places * inputs, outputs], places being 1 or the height * width of a convolution's window. */
  matrix: Int8Array;
  /** [outputs]. */
  scale: Float32Array;
}

/**
 * Symmetric int8 with one scale per output: w is about matrix * scale.
 *
 * @param w [outputs, inputs, places], C order
 * @param largest magnitude of the integers: 127, or 63 where the processor adds pairs of products in 16 bits
 */
export function quantize(
  w: Float32Array,
  outputs: number,
  inputs: number,
  places: number,
  largest: number,
): QuantizedValues {
  const rows = inputs * places;
  const [matrix, scale] = [new Int8Array(rows * outputs), new Float32Array(outputs)];
  const bits = new Uint32Array(w.buffer, w.byteOffset, w.length);
  const toWhole = new Float32Array(outputs);
  const number = new Float32Array(1);
  const numberBits = new Uint32Array(number.buffer);
  for (let o = 0; o < outputs; o++) {
    // Without their sign, floats are ordered like their bits; NaN comes out largest.
    let most = 0;
    for (let i = o * rows, end = i + rows; i < end; i++) {
      const size = bits[i]! & 0x7fffffff;
      most = size > most ? size : most;
    }
    numberBits[0] = most;
    scale[o] = number[0]! / largest;
    toWhole[o] = most === 0 ? 0 : largest / number[0]!;
  }
  const block = new Int8Array(BLOCK * BLOCK);
  for (let o0 = 0; o0 < outputs; o0 += BLOCK) {
    const wide = Math.min(BLOCK, outputs - o0);
    for (let i0 = 0; i0 < rows; i0 += BLOCK) {
      const high = Math.min(BLOCK, rows - i0);
      for (let o = 0; o < wide; o++) {
        const by = toWhole[o0 + o]!;
        const from = (o0 + o) * rows + i0;
        // Rounds to nearest, since truncation happens on a positive number.
        for (let i = 0; i < high; i++) block[i * BLOCK + o] = ((w[from + i]! * by + 128.5) | 0) - 128;
      }
      for (let i = 0; i < high; i++) {
        const [input, place] = [Math.floor((i0 + i) / places), (i0 + i) % places];
        matrix.set(block.subarray(i * BLOCK, i * BLOCK + wide), (place * inputs + input) * outputs + o0);
      }
    }
  }
  return { matrix, scale };
}

export async function quantized({ tensor, shape }: Int8Demand, largest: number): Promise<QuantizedValues> {
  const [outputs, inputs, ...window] = shape as [number, number, ...number[]];
  return quantize(
    await readValues(tensor),
    outputs,
    inputs,
    window.reduce((a, b) => a * b, 1),
    largest,
  );
}
