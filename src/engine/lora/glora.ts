import { elements } from '../shape.js';
import { tucker } from './low-rank.js';
import type { Matrix, Multiply } from './matmul.js';
import { matrix, need, type Parts, product, swapLast, transposed, type Weight } from './parts.js';

/**
 * W x A + B, both of low rank (GLoRA, Chavan et al. 2023). LyCORIS multiplies a1 x a2 and b1 x b2; before version 2 it was
 * a2 x a1 and b2 x b1, which the shapes show; if both fit, the former is used (as in ComfyUI's glora.py).
 */
export async function glora(parts: Parts, { values, shape }: Weight, multiply: Multiply): Promise<Float32Array> {
  const [outputs = 1, inputs = 1, ...sides] = shape;
  const kernel = elements(sides);
  const [a1, a2] = [await matrix(parts, 'glora_a1'), await matrix(parts, 'glora_a2')];
  const [b1, b2] = [await matrix(parts, 'glora_b1'), await matrix(parts, 'glora_b2')];
  const former = a2.rows === inputs && b2.rows === outputs && a2.columns === a1.rows && b2.columns === b1.rows;
  const [wide, back, left, right] = former ? [a2, a1, b2, b1] : [a1, a2, b1, b2];
  const added = parts.has('glora_bm')
    ? await tucker(need(parts, 'glora_bm'), transposed(left), right, multiply)
    : (await product(left, right, multiply)).data;
  // Inputs last, so that they can be multiplied away, also those of a convolution.
  const turned: Matrix = {
    data: swapLast(values, outputs, inputs, kernel),
    rows: outputs * kernel,
    columns: inputs,
  };
  const led = await product(await product(turned, wide, multiply), back, multiply);
  const straight = swapLast(led.data, outputs, kernel, led.columns);
  return added.length === straight.length ? added.map((value, k) => value + straight[k]!) : added;
}
