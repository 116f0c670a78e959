import { ByteSource } from './source.js';
import { DTYPE_BYTES, type DType, type StoredTensor } from './tensor.js';

/** Number of elements of a shape; 1 for a scalar. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** A tensor's bytes in its own dtype, contiguous and in C order, whatever way they are stored. */
export async function readBytes(tensor: StoredTensor): Promise<Uint8Array> {
  if (tensor.bytes) return tensor.bytes;
  const size = DTYPE_BYTES[tensor.dtype];
  const count = elements(tensor.shape);
  const { strides } = tensor;
  if (!strides) return ByteSource.use(tensor.file, (source) => source.read(tensor.offset, count * size));
  const span = count === 0 ? 0 : 1 + tensor.shape.reduce((last, side, axis) => last + (side - 1) * strides[axis]!, 0);
  const stored = await ByteSource.use(tensor.file, (source) => source.read(tensor.offset, span * size));
  return gather(stored, tensor.shape, strides, size);
}

/** A tensor's values as float32: [elements], C order. Integers are converted, float64 is rounded. */
export async function readValues(tensor: StoredTensor): Promise<Float32Array> {
  return toFloat32(await readBytes(tensor), tensor.dtype);
}

export function toFloat32(bytes: Uint8Array, dtype: DType): Float32Array {
  const size = DTYPE_BYTES[dtype];
  // Typed arrays need aligned memory; checkpoints need not align their tensors.
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const on = <T>(View: new (buffer: ArrayBufferLike, offset: number, length: number) => T): T =>
    new View(aligned.buffer, aligned.byteOffset, aligned.byteLength / size);
  switch (dtype) {
    case 'F32':
      return on(Float32Array);
    case 'F16': {
      const table = halfTable();
      return Float32Array.from(on(Uint16Array), (half) => table[half]!);
    }
    case 'BF16': {
      const wide = Uint32Array.from(on(Uint16Array), (half) => half << 16);
      return new Float32Array(wide.buffer);
    }
    case 'F64':
      return Float32Array.from(on(Float64Array));
    case 'I64':
      return Float32Array.from(on(BigInt64Array), Number);
    case 'I32':
      return Float32Array.from(on(Int32Array));
    case 'I16':
      return Float32Array.from(on(Int16Array));
    case 'I8':
      return Float32Array.from(on(Int8Array));
    case 'U8':
    case 'BOOL':
      return Float32Array.from(aligned);
  }
}

/** Strides, in elements, of a tensor in C order. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/** Copies a strided tensor into C order. @param size bytes an element; @param strides in elements. */
export function gather(
  stored: Uint8Array,
  shape: readonly number[],
  strides: readonly number[],
  size: number,
): Uint8Array {
  const bytes = new Uint8Array(elements(shape) * size);
  const position = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < bytes.length; to += size) {
    for (let b = 0; b < size; b++) bytes[to + b] = stored[from * size + b]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
  return bytes;
}

let halves: Float32Array | undefined;

/** Every float16 as a float32: faster than decoding each number, and 256 KiB only when somebody reads values. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
  });
  return halves;
}
