import { expect, test } from 'vitest';
import { inverse } from '../../../src/engine/lora/inverse.js';
import { withMatmul } from '../../../src/engine/lora/matmul.js';

/** I - Q, with Q = -transposed(Q). */
function oneMinusSkew(n: number): Float32Array {
  const values = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    values[i * n + i] = 1;
    for (let j = 0; j < i; j++) {
      values[i * n + j] = 0.3 * Math.sin(i * 7 + j * 3);
      values[j * n + i] = -values[i * n + j]!;
    }
  }
  return values;
}

test.each([1, 5, 64, 65, 200])('of %d rows, times the matrix, is one', async (n) => {
  const matrix = { data: oneMinusSkew(n), rows: n, columns: n };
  await withMatmul(async (multiply) => {
    const { data } = await multiply(await inverse(matrix, multiply), matrix);
    expect(data.every((value, k) => Math.abs(value - (k % (n + 1) === 0 ? 1 : 0)) < 1e-4)).toBe(true);
  });
});
