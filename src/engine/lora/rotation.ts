import { readValues } from '../checkpoint/values.js';
import { elements } from '../shape.js';
import { inverse } from './inverse.js';
import type { Matrix, Multiply } from './matmul.js';
import { DeltaError, need, number, type Parts, type Weight } from './parts.js';

/**
 * The change that turning a weight's outputs makes: blocks of them by a rotation each (OFT, Qiu et al. 2023), which for
 * BOFT (Liu et al. 2024) is done several times over, each time with other blocks. The rotations are Cayley transforms of
 * skew-symmetric matrices. As kohya (networks/oft.py) and LyCORIS (diag_oft.py, boft.py) have them; where their strengths
 * other than 1 differ, AUTOMATIC1111's way holds: the whole change is made weaker.
 */
export async function rotated(parts: Parts, weight: Weight, multiply: Multiply): Promise<Float32Array> {
  const tensor = need(parts, 'oft_blocks');
  const [stages, blocks, side] = (tensor.shape.length === 3 ? [1, ...tensor.shape] : tensor.shape) as number[];
  const [outputs = 1, ...rest] = weight.shape;
  if (
    tensor.shape.length < 3 ||
    tensor.shape.length > 4 ||
    tensor.shape.at(-1) !== side ||
    blocks! * side! !== outputs
  ) {
    throw new DeltaError(`its blocks are [${tensor.shape}], but the model has ${outputs} outputs there`);
  }
  const skew = await skewOf(parts, stages! * blocks!, side!, outputs);
  const size = blocks! * side! * side!;
  const butterfly = tensor.shape.length === 4;
  let turned: Matrix = { data: weight.values, rows: outputs, columns: elements(rest) };
  for (let stage = 0; stage < stages!; stage++) {
    const own = skew.subarray(stage * size, (stage + 1) * size);
    // OFT turns by the transposed matrix, which is the rotation the other way.
    const rotations = await cayley(butterfly ? own : own.map((value) => -value), blocks!, side!, multiply);
    const apart = butterfly ? 2 ** stage * (side! / 2) : undefined;
    if (apart !== undefined && outputs % (2 * apart) !== 0) {
      throw new DeltaError(`its ${stages} stages do not fit the ${outputs} outputs that the model has there`);
    }
    turned = await inBlocks(turned, rotations, apart, multiply);
  }
  const rescale = parts.get('rescale');
  const factors = rescale && (await readValues(rescale));
  if (factors && factors.length !== outputs)
    throw new DeltaError(`it has ${factors.length} scales for ${outputs} outputs`);
  const { columns } = turned;
  return turned.data.map((value, k) => value * (factors?.[Math.floor(k / columns)] ?? 1) - weight.values[k]!);
}

/** Q = B - transposed(B) of each block; all together no longer than alpha x outputs, unless alpha is 0. */
async function skewOf(parts: Parts, blocks: number, side: number, outputs: number): Promise<Float32Array> {
  const values = await readValues(need(parts, 'oft_blocks'));
  const skew = new Float32Array(values.length);
  for (let b = 0; b < blocks; b++) {
    const base = b * side * side;
    for (let i = 0; i < side; i++) {
      for (let j = 0; j < side; j++)
        skew[base + i * side + j] = values[base + i * side + j]! - values[base + j * side + i]!;
    }
  }
  const limit = ((await number(parts, 'alpha')) ?? 0) * outputs;
  const norm = Math.sqrt(skew.reduce((sum, value) => sum + value * value, 0));
  return limit > 0 && norm > limit ? skew.map((value) => (value * limit) / norm) : skew;
}

/** (I + Q)(I - Q)^-1 of each block, which is 2(I - Q)^-1 - I. */
async function cayley(skew: Float32Array, blocks: number, side: number, multiply: Multiply): Promise<Matrix> {
  const out = new Float32Array(skew.length);
  for (let b = 0; b < blocks; b++) {
    const own = skew.subarray(b * side * side, (b + 1) * side * side);
    const unit = (k: number) => (k % (side + 1) === 0 ? 1 : 0);
    const data = own.map((value, k) => unit(k) - value);
    const { data: inverted } = await inverse({ data, rows: side, columns: side }, multiply);
    out.set(
      inverted.map((value, k) => 2 * value - unit(k)),
      b * side * side,
    );
  }
  return { data: out, rows: side, columns: side, batch: blocks };
}

/** Each block of rows times its rotation. @param apart rows that far from each other are brought together for it, as in a butterfly. */
async function inBlocks(
  { data, rows, columns }: Matrix,
  rotations: Matrix,
  apart: number | undefined,
  multiply: Multiply,
): Promise<Matrix> {
  const place = (row: number) => {
    if (apart === undefined) return row;
    const [group, side, k] = [Math.floor(row / (2 * apart)), Math.floor(row / apart) % 2, row % apart];
    return (group * apart + k) * 2 + side;
  };
  const gathered = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    gathered.set(data.subarray(row * columns, (row + 1) * columns), place(row) * columns);
  const { data: turned } = await multiply(rotations, {
    data: gathered,
    rows: rotations.rows,
    columns,
    batch: rotations.batch!,
  });
  const back = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    back.set(turned.subarray(place(row) * columns, (place(row) + 1) * columns), row * columns);
  return { data: back, rows, columns };
}
