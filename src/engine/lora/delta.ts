import type { StoredTensor } from '../checkpoint/tensor.js';
import { readValues } from '../checkpoint/values.js';
import { elements } from '../shape.js';
import type { Matrix, Multiply } from './matmul.js';
import type { Part, Parts } from './read.js';

/** The parts do not make a whole update, or their sides do not fit. The message names neither file nor module. */
export class DeltaError extends Error {}

/**
 * The change to one weight, row-major with as many numbers as the weight, scaled by alpha / rank (1 without an alpha).
 * LoRA is Hu et al. 2021; LoHa, LoKr and the Tucker form for convolutions are LyCORIS's (Yeh et al. 2024).
 *
 * @param size of the weight, in numbers; what would come out larger is refused before it is made.
 * @throws DeltaError if the parts do not fit together or do not make `size` numbers.
 */
export async function delta(parts: Parts, size: number, multiply: Multiply): Promise<Float32Array> {
  // Between the factors of a Tucker form there may be a little more than comes out.
  const bounded: Multiply = (a, b) => {
    if (a.rows * b.columns > 4 * size + 65536)
      throw new DeltaError(`its parts make more than the ${size} numbers of the weight`);
    return multiply(a, b);
  };
  const change = await scaled(parts, size, bounded);
  if (change.length !== size)
    throw new DeltaError(`it changes ${change.length} numbers, but the model has ${size} there`);
  return change;
}

async function scaled(parts: Parts, size: number, multiply: Multiply): Promise<Float32Array> {
  if (parts.has('diff')) return readValues(parts.get('diff')!);
  const change = parts.has('up')
    ? await lora(parts, multiply)
    : parts.has('hada_w1_a')
      ? await loha(parts, multiply)
      : await lokr(parts, size, multiply);
  const scale = await scaleOf(parts);
  return scale === 1 ? change : change.map((value) => value * scale);
}

/** up x down; with `mid` between them for a convolution in Tucker form. */
async function lora(parts: Parts, multiply: Multiply): Promise<Float32Array> {
  const up = await matrix(parts, 'up');
  if (parts.has('mid')) return tucker(need(parts, 'mid'), transposed(up), await matrix(parts, 'down'), multiply);
  return (await product(up, await matrix(parts, 'down'), multiply)).data;
}

/** (w1_a x w1_b) * (w2_a x w2_b), number by number. */
async function loha(parts: Parts, multiply: Multiply): Promise<Float32Array> {
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
async function lokr(parts: Parts, size: number, multiply: Multiply): Promise<Float32Array> {
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
async function tucker(core: StoredTensor, out: Matrix, input: Matrix, multiply: Multiply): Promise<Float32Array> {
  const [i = 1, j = 1, ...sides] = core.shape;
  const kernel = elements(sides);
  const values = await readValues(core);
  // [i, j, k] to [i, k, j], so that j can be multiplied away.
  const turned = { data: swapLast(values, i, j, kernel), rows: i * kernel, columns: j };
  const widened = await product(turned, input, multiply);
  const back = { data: swapLast(widened.data, i, kernel, input.columns), rows: i, columns: input.columns * kernel };
  return (await product(transposed(out), back, multiply)).data;
}

/** The part whose rows are the rank, for each kind; a LoKr of two whole factors has none. */
const RANKED: readonly Part[] = ['down', 'hada_w1_b', 'lokr_w1_b', 'lokr_w2_b'];

async function scaleOf(parts: Parts): Promise<number> {
  const alpha = parts.get('alpha');
  const rank = RANKED.map((part) => parts.get(part)).find((tensor) => tensor !== undefined)?.shape[0];
  if (!alpha || rank === undefined) return 1;
  return (await readValues(alpha))[0]! / rank;
}

/** A part as a matrix: the first axis by all others together. */
async function matrix(parts: Parts, part: Part): Promise<Matrix> {
  const tensor = need(parts, part);
  const rows = tensor.shape[0] ?? 1;
  return { data: await readValues(tensor), rows, columns: elements(tensor.shape.slice(1)) };
}

function need(parts: Parts, part: Part): StoredTensor {
  const tensor = parts.get(part);
  if (!tensor) throw new DeltaError(`it lacks its part "${part}"`);
  return tensor;
}

async function product(a: Matrix, b: Matrix, multiply: Multiply): Promise<Matrix> {
  if (a.columns !== b.rows)
    throw new DeltaError(`its parts do not fit: [${a.rows},${a.columns}] and [${b.rows},${b.columns}]`);
  return multiply(a, b);
}

function transposed({ data, rows, columns }: Matrix): Matrix {
  return { data: swapLast(data, 1, rows, columns), rows: columns, columns: rows };
}

/** [outer, a, b] to [outer, b, a]. */
function swapLast(data: Float32Array, outer: number, a: number, b: number): Float32Array {
  const swapped = new Float32Array(data.length);
  for (let o = 0; o < outer; o++) {
    const base = o * a * b;
    for (let i = 0; i < a; i++) for (let j = 0; j < b; j++) swapped[base + j * a + i] = data[base + i * b + j]!;
  }
  return swapped;
}
