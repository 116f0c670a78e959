import type { Matrix, Multiply } from './matmul.js';

/** Below this, calling ONNX Runtime costs more than it saves. */
const SMALL = 64;

/**
 * The inverse of a square matrix whose symmetric part is positive definite, such as I - Q with Q = -transposed(Q): all its
 * leading blocks are invertible, so it can be split in halves recursively (Schur complements) without pivoting, and most of
 * the work is in matrix products.
 */
export async function inverse(of: Matrix, multiply: Multiply): Promise<Matrix> {
  const n = of.rows;
  if (n <= SMALL) return eliminated(of);
  const half = Math.ceil(n / 2);
  const [a, b] = [block(of, 0, half, 0, half), block(of, 0, half, half, n)];
  const [c, d] = [block(of, half, n, 0, half), block(of, half, n, half, n)];
  const inA = await inverse(a, multiply);
  const right = await multiply(inA, b);
  const left = await multiply(c, inA);
  const corner = await inverse(minus(d, await multiply(c, right)), multiply);
  const upper = await multiply(right, corner);
  const out = new Float32Array(n * n);
  put(out, n, minus(inA, scaled(await multiply(upper, left), -1)), 0, 0);
  put(out, n, scaled(upper, -1), 0, half);
  put(out, n, scaled(await multiply(corner, left), -1), half, 0);
  put(out, n, corner, half, half);
  return { data: out, rows: n, columns: n };
}

/** Gauss and Jordan's elimination, in float64. */
function eliminated({ data, rows: n }: Matrix): Matrix {
  const width = 2 * n;
  const work = new Float64Array(n * width);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) work[i * width + j] = data[i * n + j]!;
    work[i * width + n + i] = 1;
  }
  for (let pivot = 0; pivot < n; pivot++) {
    const by = work[pivot * width + pivot]!;
    for (let j = 0; j < width; j++) work[pivot * width + j]! /= by;
    for (let i = 0; i < n; i++) {
      const factor = work[i * width + pivot]!;
      if (i === pivot || factor === 0) continue;
      for (let j = 0; j < width; j++) work[i * width + j]! -= factor * work[pivot * width + j]!;
    }
  }
  const out = new Float32Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j] = work[i * width + n + j]!;
  return { data: out, rows: n, columns: n };
}

function block({ data, columns }: Matrix, top: number, bottom: number, left: number, right: number): Matrix {
  const width = right - left;
  const out = new Float32Array((bottom - top) * width);
  for (let i = top; i < bottom; i++) out.set(data.subarray(i * columns + left, i * columns + right), (i - top) * width);
  return { data: out, rows: bottom - top, columns: width };
}

function put(into: Float32Array, width: number, { data, rows, columns }: Matrix, top: number, left: number): void {
  for (let i = 0; i < rows; i++) into.set(data.subarray(i * columns, (i + 1) * columns), (top + i) * width + left);
}

function minus(a: Matrix, b: Matrix): Matrix {
  return { ...a, data: a.data.map((value, k) => value - b.data[k]!) };
}

function scaled(of: Matrix, by: number): Matrix {
  return { ...of, data: of.data.map((value) => value * by) };
}
