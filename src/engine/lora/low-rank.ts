import type { StoredTensor } from '../checkpoint/tensor.js';
import { readValues } from '../checkpoint/values.js';
import { elements } from '../shape.js';
import type { Matrix, Multiply } from './matmul.js';
import type { Part } from './names.js';
import { DeltaError, matrix, need, type Parts, product, swapLast, transposed } from './parts.js';

/** up x down; with `mid` between them for a convolution in Tucker form. */
export async function lora(parts: Parts, multiply: Multiply): Promise<Float32Array> {
  const up = await matrix(parts, 'up');
  if (parts.has('mid')) return tucker(need(parts, 'mid'), transposed(up), await matrix(parts, 'down'), multiply);
  return (await product(up, await matrix(parts, 'down'), multiply)).data;
}

/** (w1_a x w1_b) * (w2_a x w2_b), number by number. */
export async function loha(parts: Parts, multiply: Multiply): Promise<Float32Array> {
  const half = async (a: Part, b: Part, core: Part) =>
    parts.has(core)
      ? tucker(need(parts, core), await matrix(parts, a), await matrix(parts, b), multiply)
      : (await product(await matrix(parts, a), await matrix(parts, b), multiply)).data;
  const [first, second] = [
    await half('hada_w1_a', 'hada_w1_b', 'hada_t1'),
    await half('hada_w2_a', 'hada_w2_b', 'hada_t2'),
  ];
  if (first.length !== second.length) throw new DeltaError('its two halves have different sizes');
  return first.map((value, k) => value * second[k]!);
}

/** The Kronecker product of w1 and w2, each of them whole or a product of two. */
export async function lokr(parts: Parts, size: number, multiply: Multiply): Promise<Float32Array> {
  const w1 = parts.has('lokr_w1')
    ? await matrix(parts, 'lokr_w1')
    : await product(await matrix(parts, 'lokr_w1_a'), await matrix(parts, 'lokr_w1_b'), multiply);
  const { data, rows, inner, kernel } = await second(parts, multiply);
  if (w1.data.length * data.length !== size) {
    throw new DeltaError(`it changes ${w1.data.length * data.length} numbers, but the model has ${size} there`);
  }
  const out = new Float32Array(size);
  const columns = w1.columns * inner * kernel;
  for (let i = 0; i < w1.rows; i++) {
    for (let j = 0; j < w1.columns; j++) {
      const factor = w1.data[i * w1.columns + j]!;
      for (let row = 0; row < rows; row++) {
        const to = (i * rows + row) * columns + j * inner * kernel;
        const from = row * inner * kernel;
        for (let k = 0; k < inner * kernel; k++) out[to + k] = factor * data[from + k]!;
      }
    }
  }
  return out;
}

/** LoKr's second factor: [rows, inner] with `kernel` numbers each. */
async function second(parts: Parts, multiply: Multiply) {
  if (parts.has('lokr_w2')) {
    const [rows = 1, inner = 1, ...kernel] = need(parts, 'lokr_w2').shape;
    return { data: await readValues(need(parts, 'lokr_w2')), rows, inner, kernel: elements(kernel) };
  }
  const [a, b] = [await matrix(parts, 'lokr_w2_a'), await matrix(parts, 'lokr_w2_b')];
  const core = parts.get('lokr_t2');
  if (core) {
    const data = await tucker(core, a, b, multiply);
    return { data, rows: a.columns, inner: b.columns, kernel: elements(core.shape.slice(2)) };
  }
  const { data, rows, columns } = await product(a, b, multiply);
  const kernel = elements(need(parts, 'lokr_w2_b').shape.slice(2));
  return { data, rows, inner: columns / kernel, kernel };
}

/** sum over i, j of core[i, j, k] * out[i, p] * in[j, r], as [p, r, k]: the small core is widened on both sides. */
export async function tucker(
  core: StoredTensor,
  out: Matrix,
  input: Matrix,
  multiply: Multiply,
): Promise<Float32Array> {
  const [i = 1, j = 1, ...sides] = core.shape;
  const kernel = elements(sides);
  const values = await readValues(core);
  // [i, j, k] to [i, k, j], so that j can be multiplied away.
  const turned = { data: swapLast(values, i, j, kernel), rows: i * kernel, columns: j };
  const widened = await product(turned, input, multiply);
  const back = { data: swapLast(widened.data, i, kernel, input.columns), rows: i, columns: input.columns * kernel };
  return (await product(transposed(out), back, multiply)).data;
}
