import { CheckpointError } from '../../errors.js';
import { elements } from '../../shape.js';
import type { ByteSource } from '../source.js';
import { DTYPE_BYTES, type StoredTensor } from '../tensor.js';
import { contiguousStrides, gather } from '../values.js';
import { type Unpickled, unpickle } from './pickle.js';
import { Inert, type Pickled, PickleError, type PickleReader } from './pickle-machine.js';
import { type StorageReference, TensorReference } from './tensors.js';
import { damaged, unreadable } from './zip.js';

/** Where a storage's bytes are: in the file, or inflated in memory. */
export interface StorageBytes {
  offset: number;
  length: number;
  bytes?: Uint8Array;
}

/** Finds a storage's bytes by its key, in a zip or a legacy file. */
export type Locate = (storage: StorageReference) => Promise<StorageBytes>;

/** A checkpoint with an optimizer's states has a few thousand. */
const MAX_ENTRIES = 250_000;

/**
 * The tensors of a pickled dict, by their keys: of its `state_dict` if it has one, as Lightning nests it. Tensors in a
 * dict in it are named `outer.inner`, as in embeddings (`string_to_param`). What is not a tensor is left out.
 */
export async function readTensors(
  source: ByteSource,
  root: Pickled,
  locate: Locate,
): Promise<Map<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  if (!(root instanceof Map)) return tensors;
  const nested: Pickled = root.get('state_dict');
  let entries = 0;
  for (const [name, value] of named(nested instanceof Map ? nested : root)) {
    if (value instanceof TensorReference) tensors.set(name, await storedTensor(source, name, value, locate));
    const dict = dictIn(value);
    // One dict can be in another a hundred thousand times, and take no place in the file.
    entries += 1 + (dict?.size ?? 0);
    if (entries > MAX_ENTRIES) throw unreadable(source, `it names more than ${MAX_ENTRIES} tensors`);
    for (const [inner, deeper] of named(dict)) {
      if (!(deeper instanceof TensorReference)) continue;
      tensors.set(`${name}.${inner}`, await storedTensor(source, `${name}.${inner}`, deeper, locate));
    }
  }
  return tensors;
}

function named(dict: ReadonlyMap<unknown, unknown> | undefined): [string, unknown][] {
  return [...(dict ?? [])].filter((entry): entry is [string, unknown] => typeof entry[0] === 'string');
}

/** A dict, or the tensors of a torch module such as ParameterDict. */
function dictIn(value: unknown): ReadonlyMap<unknown, unknown> | undefined {
  if (value instanceof Map) return value;
  const parameters: unknown =
    value instanceof Inert && value.state instanceof Map ? value.state.get('_parameters') : undefined;
  return parameters instanceof Map ? parameters : undefined;
}

/** {@link unpickle}, with errors that name the file. */
export function decode(source: ByteSource, bytes: Buffer, reader: PickleReader, start = 0): Unpickled {
  try {
    return unpickle(bytes, reader, start);
  } catch (cause) {
    if (cause instanceof PickleError) throw (cause.damaged ? damaged : unreadable)(source, cause.message, cause);
    throw cause;
  }
}

/** Checks a tensor's description against its storage, and says where its bytes are. */
async function storedTensor(
  source: ByteSource,
  name: string,
  { storage, dtype, offset, shape, strides }: TensorReference,
  locate: Locate,
): Promise<StoredTensor> {
  const wrong = (what: string) =>
    new CheckpointError(
      `${source.path}: tensor "${name.slice(0, 100)}" ${what}. The file is damaged: download it again.`,
    );
  if (!dtype || !storage.dtype) {
    throw unreadable(source, `tensor "${name.slice(0, 100)}" has the type ${storage.type.slice(0, 60)}`);
  }
  const size = DTYPE_BYTES[dtype];
  const available = Math.floor(((storage.elements - storage.start) * DTYPE_BYTES[storage.dtype]) / size);
  const count = elements(shape);
  const last = count === 0 ? -1 : shape.reduce((sum, side, axis) => sum + (side - 1) * strides[axis]!, offset);
  if (count > available || last >= available || offset > available) {
    throw wrong(`needs more elements than the ${Math.max(available, 0)} that are stored for it`);
  }
  const place = await locate(storage);
  if (place.length !== storage.elements * DTYPE_BYTES[storage.dtype]) {
    throw wrong(`needs ${storage.elements * DTYPE_BYTES[storage.dtype]} stored bytes, but there are ${place.length}`);
  }
  const skip = storage.start * DTYPE_BYTES[storage.dtype] + offset * size;
  const straight = contiguousStrides(shape).every((stride, axis) => stride === strides[axis] || shape[axis] === 1);
  const base = { dtype, shape, file: source.file, offset: place.offset + skip };
  if (!place.bytes) return straight || count === 0 ? base : { ...base, strides };
  const bytes = place.bytes.subarray(skip);
  return { ...base, bytes: straight ? bytes.subarray(0, count * size) : gather(bytes, shape, strides, size) };
}
