import { writeFile } from 'node:fs/promises';
import { readContainer } from '../../../src/engine/checkpoint/container.js';
import { readBytes } from '../../../src/engine/checkpoint/values.js';

/** A tensor to be written. */
export interface Made {
  dtype: string;
  shape: readonly number[];
  bytes: Uint8Array;
}

/** All tensors of a file, to be renamed, changed and written again. */
export async function takeApart(path: string): Promise<Map<string, Made>> {
  const { tensors } = await readContainer(path);
  const made = new Map<string, Made>();
  for (const [name, tensor] of tensors) {
    made.set(name, { dtype: tensor.dtype, shape: tensor.shape, bytes: await readBytes(tensor) });
  }
  return made;
}

export function float32(shape: readonly number[], values: readonly number[] | Float32Array): Made {
  return { dtype: 'F32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Made>,
  metadata?: Record<string, string>,
): Promise<void> {
  let end = 0;
  const entries = [...tensors].map(([name, { dtype, shape, bytes }]) => {
    const begin = end;
    end += bytes.length;
    return [name, { dtype, shape, data_offsets: [begin, end] }];
  });
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeFile(path, Buffer.concat([length, header, ...[...tensors.values()].map(({ bytes }) => bytes)]));
}
