import type { DType, StoredTensor, Weights } from './tensor.js';
import { readBytes } from './values.js';

/** A tensor that holds NaN or infinity: its canonical name, and how many of its numbers are such. */
export interface NonFinite {
  name: string;
  tensor: StoredTensor;
  count: number;
}

/**
 * The first tensor with NaN or infinity in it. Reads all weights, a gigabyte a second or two: for when it is known that
 * something is wrong.
 */
export async function findNonFinite(weights: Weights): Promise<NonFinite | undefined> {
  for (const [name, tensor] of weights) {
    const count = countNonFinite(await readBytes(tensor), tensor.dtype);
    if (count > 0) return { name, tensor, count };
  }
  return undefined;
}

/** Exponents of all ones mean NaN or infinity; `F8_E4M3` has no infinity, and only all ones are NaN. */
export function countNonFinite(bytes: Uint8Array, dtype: DType): number {
  const { buffer, byteOffset, byteLength } = bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  let count = 0;
  const each = (size: number, isBad: (at: number) => boolean) => {
    for (let at = 0; at + size <= byteLength; at += size) if (isBad(at)) count++;
  };
  if (dtype === 'F32') each(4, (at) => (view.getUint32(at, true) & 0x7f800000) === 0x7f800000);
  else if (dtype === 'F16') each(2, (at) => (view.getUint16(at, true) & 0x7c00) === 0x7c00);
  else if (dtype === 'BF16') each(2, (at) => (view.getUint16(at, true) & 0x7f80) === 0x7f80);
  else if (dtype === 'F64') each(8, (at) => (view.getUint32(at + 4, true) & 0x7ff00000) === 0x7ff00000);
  else if (dtype === 'F8_E4M3') each(1, (at) => (bytes[at]! & 0x7f) === 0x7f);
  else if (dtype === 'F8_E5M2') each(1, (at) => (bytes[at]! & 0x7c) === 0x7c);
  return count;
}
