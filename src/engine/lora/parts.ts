import type { StoredTensor } from '../checkpoint/tensor.js';
import { readValues } from '../checkpoint/values.js';
import { elements } from '../shape.js';
import type { Matrix, Multiply } from './matmul.js';
import type { Part } from './names.js';

export type Parts = ReadonlyMap<Part, StoredTensor>;

/** The parts do not make a whole update, or their sides do not fit. The message names neither file nor module. */
export class DeltaError extends Error {}

/** A weight before any update: [outputs, inputs, ...kernel], row by row. */
export interface Weight {
  values: Float32Array;
  shape: readonly number[];
}

export function need(parts: Parts, part: Part): StoredTensor {
  const tensor = parts.get(part);
  if (!tensor) throw new DeltaError(`it lacks its part "${part}"`);
  return tensor;
}

/** A part as a matrix: the first axis by all others together. */
export async function matrix(parts: Parts, part: Part): Promise<Matrix> {
  const tensor = need(parts, part);
  const rows = tensor.shape[0] ?? 1;
  return { data: await readValues(tensor), rows, columns: elements(tensor.shape.slice(1)) };
}

/** The one number in a part. */
export async function number(parts: Parts, part: Part): Promise<number | undefined> {
  const tensor = parts.get(part);
  if (!tensor) return undefined;
  if (elements(tensor.shape) !== 1) throw new DeltaError(`its part "${part}" is not a single number`);
  return (await readValues(tensor))[0]!;
}

export async function product(a: Matrix, b: Matrix, multiply: Multiply): Promise<Matrix> {
  if (a.columns !== b.rows)
    throw new DeltaError(`its parts do not fit: [${a.rows},${a.columns}] and [${b.rows},${b.columns}]`);
  return multiply(a, b);
}

export function transposed({ data, rows, columns }: Matrix): Matrix {
  return { data: swapLast(data, 1, rows, columns), rows: columns, columns: rows };
}

/** [outer, a, b] to [outer, b, a]. */
export function swapLast(data: Float32Array, outer: number, a: number, b: number): Float32Array {
  const swapped = new Float32Array(data.length);
  for (let o = 0; o < outer; o++) {
    const base = o * a * b;
    for (let i = 0; i < a; i++) for (let j = 0; j < b; j++) swapped[base + j * a + i] = data[base + i * b + j]!;
  }
  return swapped;
}
