import { elements } from '../shape.js';
import { blockBytes, decodeBlocks } from './gguf/blocks.js';
import { halfTable, real } from './small-floats.js';
import { ByteSource } from './source.js';
import { DTYPE_BYTES, type DType, type StoredTensor } from './tensor.js';

/** A tensor's bytes in its own dtype, contiguous and in C order, whatever way they are stored. */
export async function readBytes(tensor: StoredTensor): Promise<Uint8Array> {
  if (tensor.bytes) return tensor.bytes;
  const size = DTYPE_BYTES[tensor.dtype];
  const count = elements(tensor.shape);
  const { strides, blocks } = tensor;
  if (blocks) {
    const stored = await ByteSource.use(tensor.file, (source) => source.read(tensor.offset, blockBytes(blocks, count)));
    return fromFloat32(decodeBlocks(blocks, stored), tensor.dtype);
  }
  if (!strides) return ByteSource.use(tensor.file, (source) => source.read(tensor.offset, count * size));
  const span = count === 0 ? 0 : 1 + tensor.shape.reduce((last, side, axis) => last + (side - 1) * strides[axis]!, 0);
  const stored = await ByteSource.use(tensor.file, (source) => source.read(tensor.offset, span * size));
  return gather(stored, tensor.shape, strides, size);
}

/** A tensor's values as float32: [elements], C order. Integers are converted, float64 is rounded. */
export async function readValues(tensor: StoredTensor): Promise<Float32Array> {
  return toFloat32(await readBytes(tensor), tensor.dtype);
}

/** What is rounded to infinity, in 16 bits, begins here. */
const HALF_INFINITY = 65520;

/** The numbers that stay finite when they are stored as `dtype` are smaller than this. */
export function infinityOf(dtype: DType): number {
  return dtype === 'F16' ? HALF_INFINITY : Number.POSITIVE_INFINITY;
}

/** Whether there is neither NaN nor infinity among them, and will be none when they are stored as `dtype`. */
export function areFinite(values: Float32Array, dtype: DType = 'F32'): boolean {
  const infinity = infinityOf(dtype);
  for (let k = 0; k < values.length; k++) if (!(Math.abs(values[k]!) < infinity)) return false;
  return true;
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
    case 'F8_E4M3': {
      // The "fn" kind of the OCP's 8-bit floats: no infinity, and all ones mean not a number.
      const table = Float32Array.from({ length: 256 }, (_, bits) => (~bits & 0x7f ? real(bits, 4, 3) : Number.NaN));
      return Float32Array.from(aligned, (byte) => table[byte]!);
    }
    case 'F8_E5M2': {
      // The upper half of a float16.
      const table = halfTable();
      return Float32Array.from(aligned, (byte) => table[byte << 8]!);
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

/** The dtype for changed weights: 8 bits would round most of a change away, so they become 16. */
export function changedDType(dtype: DType): DType {
  return DTYPE_BYTES[dtype] === 1 ? 'F16' : dtype;
}

/** The other way round: rounded to the nearest, ties to even. Only floating-point dtypes of two bytes and more. */
export function fromFloat32(values: Float32Array, dtype: DType): Uint8Array {
  const bytes = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const bits = () => new Uint32Array(values.buffer, values.byteOffset, values.length);
  switch (dtype) {
    case 'F32':
      return bytes(values);
    case 'F64':
      return bytes(Float64Array.from(values));
    case 'F16':
      return bytes(Uint16Array.from(bits(), toHalf));
    case 'BF16':
      return bytes(
        Uint16Array.from(bits(), (word) => (isNan(word) ? 0x7fc0 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16)),
      );
    default:
      throw new RangeError(`${dtype} does not hold real numbers`);
  }
}

function isNan(word: number): boolean {
  return (word & 0x7fffffff) > 0x7f800000;
}

/** The bits of a float32 to those of the nearest float16. */
function toHalf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const exponent = ((word >>> 23) & 255) - 112;
  const fraction = word & 0x7fffff;
  if (isNan(word)) return sign | 0x7e00;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent < -10) return sign;
  // Below the normal range the leading one joins the fraction, and one more bit is lost for each step down.
  const lost = exponent > 0 ? 13 : 14 - exponent;
  const whole = exponent > 0 ? fraction | (exponent << 23) : fraction | 0x800000;
  const half = whole >>> lost;
  const rest = whole & ((1 << lost) - 1);
  const tie = 1 << (lost - 1);
  // A carry out of the fraction goes into the exponent, which is what rounding up means there.
  return sign | (half + (rest > tie || (rest === tie && half & 1) ? 1 : 0));
}
