import { parse } from 'node:path';
import { type StoredTensor, withBytes } from '../checkpoint/tensor.js';
import { areFinite, changedDType, fromFloat32, infinityOf, readValues } from '../checkpoint/values.js';
import { CheckpointError, RequestError } from '../errors.js';
import { elements } from '../shape.js';
import { notANumber } from './check.js';
import { delta } from './delta.js';
import type { Multiply } from './matmul.js';
import { DeltaError, type Parts, type Weight } from './parts.js';

/** What one file does to one tensor. */
export interface LoraChange {
  file: string;
  module: string;
  parts: Parts;
  weight: number;
  /** Input channels of an update that may be for the first of the tensor's only. */
  narrow: number | undefined;
}

/** The tensor with all changes added to it. @throws CheckpointError, RequestError */
export async function changed(
  tensor: StoredTensor,
  changes: readonly LoraChange[],
  multiply: Multiply,
): Promise<StoredTensor> {
  const weight = { values: await readValues(tensor), shape: tensor.shape };
  const values = weight.values.slice();
  const dtype = changedDType(tensor.dtype);
  const infinity = infinityOf(dtype);
  for (const one of changes) {
    const change = await fitted(one, weight, multiply);
    let finite = true;
    for (let k = 0; k < values.length; k++) {
      values[k]! += one.weight * change[k]!;
      if (!(Math.abs(values[k]!) < infinity)) finite = false;
    }
    if (!finite) throw notFinite(one, tensor, weight, change);
  }
  return withBytes(tensor, dtype, fromFloat32(values, dtype));
}

async function fitted(one: LoraChange, weight: Weight, multiply: Multiply): Promise<Float32Array> {
  try {
    return await padded(one, weight, multiply);
  } catch (cause) {
    if (!(cause instanceof DeltaError)) throw cause;
    throw new CheckpointError(
      `${one.file}: module "${one.module.slice(0, 100)}" does not fit this model: ${cause.message}. Is it a LoRA for Stable Diffusion 1.x?`,
      { cause },
    );
  }
}

/** The change; one of fewer input channels is followed by zeros, as in AUTOMATIC1111 (networks.py). */
async function padded({ parts, narrow }: LoraChange, weight: Weight, multiply: Multiply): Promise<Float32Array> {
  try {
    return await delta(parts, weight, multiply);
  } catch (cause) {
    if (!(cause instanceof DeltaError) || narrow === undefined || weight.shape.length !== 4) throw cause;
    const [outputs, inputs, ...kernel] = weight.shape as [number, number, number, number];
    const [long, short] = [inputs * elements(kernel), narrow * elements(kernel)];
    const first = new Float32Array(outputs * short);
    for (let o = 0; o < outputs; o++) first.set(weight.values.subarray(o * long, o * long + short), o * short);
    const change = await delta(parts, { values: first, shape: [outputs, narrow, ...kernel] }, multiply).catch(() => {
      throw cause;
    });
    const wide = new Float32Array(weight.values.length);
    for (let o = 0; o < outputs; o++) wide.set(change.subarray(o * short, (o + 1) * short), o * long);
    return wide;
  }
}

function notFinite(one: LoraChange, tensor: StoredTensor, weight: Weight, change: Float32Array): Error {
  if (!areFinite(weight.values)) {
    return new CheckpointError(
      `${tensor.file}: there are NaN or infinite numbers in its weights. Use another copy of the model.`,
    );
  }
  if (!areFinite(change)) return notANumber(one.file, one.module);
  return new RequestError(
    `With a weight of ${one.weight}, the LoRA "${parse(one.file).name}" makes the model's numbers larger than it can hold. Use a smaller weight, such as 0.8.`,
    { meaning: { code: 'loraTooStrong', values: { weight: String(one.weight) } } },
  );
}
