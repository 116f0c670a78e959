import type { Tensor } from '../networks.js';

/** Repeats the rows: [1, ...] to [count, ...]. */
export function repeatRows(tensor: Tensor, count: number): Tensor {
  const data = new Float32Array(tensor.data.length * count);
  for (let k = 0; k < count; k++) data.set(tensor.data, k * tensor.data.length);
  return { data, shape: [tensor.shape[0]! * count, ...tensor.shape.slice(1)] };
}
