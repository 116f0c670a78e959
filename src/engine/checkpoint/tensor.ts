import { type BlockName, blockBytes } from './gguf/blocks.js';

/** Element types that checkpoints store, by their safetensors names, with their size in bytes. */
export const DTYPE_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type DType = keyof typeof DTYPE_BYTES;

const FLOATS: readonly DType[] = ['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2'];

/** Whether it holds real numbers, as weights must. */
export function isFloat(dtype: DType): boolean {
  return FLOATS.includes(dtype);
}

/**
 * A tensor in a checkpoint: its position in a file, not its values. The graph builder points ONNX Runtime at the
 * place; nothing is read or copied before that.
 */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Real path (symbolic links resolved) of the file that holds the bytes. */
  readonly file: string;
  /** Byte offset of the first element in `file`. */
  readonly offset: number;
  /** In elements, one per dimension; absent for contiguous C order, which is what can be mapped. */
  readonly strides?: readonly number[];
  /** The file holds it quantized in blocks along its last axis (GGUF); its numbers are decoded to `dtype` when they are read. */
  readonly blocks?: BlockName;
  /** Bytes (contiguous, C order) that replace the file's: a compressed zip entry, a merged LoRA. `file` and `offset` then only name their origin. */
  readonly bytes?: Uint8Array;
}

/** Tensors by canonical name: the names of the diffusers library. */
export type Weights = ReadonlyMap<string, StoredTensor>;

/** The same tensor with other bytes, contiguous and in C order. */
export function withBytes(
  { strides: _, blocks: __, ...place }: StoredTensor,
  dtype: DType,
  bytes: Uint8Array,
): StoredTensor {
  return { ...place, dtype, bytes };
}

/** A part of a tensor's first axis: [from, to). */
export function rowsOf(tensor: StoredTensor, from: number, to: number): StoredTensor {
  const [, ...inner] = tensor.shape;
  const row = inner.reduce((product, side) => product * side, 1);
  const size = DTYPE_BYTES[tensor.dtype];
  const stored = tensor.blocks ? blockBytes(tensor.blocks, row) : (tensor.strides?.[0] ?? row) * size;
  return {
    ...tensor,
    shape: [to - from, ...inner],
    offset: tensor.offset + from * stored,
    ...(tensor.bytes && { bytes: tensor.bytes.subarray(from * row * size, to * row * size) }),
  };
}
