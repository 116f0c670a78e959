import { CheckpointError } from '../../errors.js';
import type { ByteSource } from '../source.js';
import { DTYPE_BYTES } from '../tensor.js';
import type { TorchFile } from './archive.js';
import { importsWarning, isDangerous } from './imports.js';
import type { Pickled } from './pickle-machine.js';
import { decode, type StorageBytes } from './read.js';
import { StorageReference, torchReader } from './tensors.js';
import { damaged } from './zip.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
/** All five pickles: they come first, and nothing says how long they are. */
const MAX_PICKLE_BYTES = 16 * 2 ** 20;

/**
 * Reads torch's format before 1.6: pickles of a magic number, a protocol number, the machine, the object and the list of
 * storage keys, then for each key an int64 count and the elements.
 */
export async function readLegacy(source: ByteSource): Promise<TorchFile> {
  const bytes = await source.read(0, Math.min(source.size, MAX_PICKLE_BYTES));
  const storages = new Map<string, StorageReference>();
  const reader = {
    ...torchReader,
    persistent: (id: Pickled) => {
      const storage = torchReader.persistent(id);
      if (storage instanceof StorageReference) storages.set(storage.key, storage);
      return storage;
    },
  };
  let at = 0;
  const all = new Set<string>();
  const next = () => {
    try {
      const { value, end, imports } = decode(source, bytes, reader, at);
      at = end;
      for (const name of imports) all.add(name);
      return value;
    } catch (cause) {
      // An attack needs no tensors after it: that it is one matters more than what is missing.
      const dangerous = [...all].filter(isDangerous);
      if (dangerous.length === 0) throw cause;
      throw new CheckpointError(importsWarning(source.path, dangerous), { cause });
    }
  };
  if (next() !== MAGIC || next() !== PROTOCOL) {
    throw new CheckpointError(
      `${source.path}: this pickle is not a PyTorch checkpoint. Give a file that torch.save wrote.`,
    );
  }
  const machine = next();
  if (machine instanceof Map && machine.get('little_endian') === false) {
    throw new CheckpointError(`${source.path}: its numbers are big-endian. Save it again on a little-endian machine.`);
  }
  const root = next();
  const keys = next();
  if (!Array.isArray(keys)) throw damaged(source, 'its list of storages is missing');

  const places = new Map<string, StorageBytes>();
  for (const key of keys) {
    const storage = storages.get(key);
    if (!storage?.dtype) {
      const name = typeof key === 'string' ? ` ${key.slice(0, 30)}` : '';
      throw damaged(source, `the size of storage${name} is unknown`);
    }
    const count = (await source.read(at, 8)).readBigInt64LE();
    const length = storage.elements * DTYPE_BYTES[storage.dtype];
    if (count !== BigInt(storage.elements) || at + 8 + length > source.size) {
      throw damaged(source, `storage ${storage.key} is shorter than the tensors in it`);
    }
    places.set(storage.key, { offset: at + 8, length });
    at += 8 + length;
  }
  return {
    root,
    imports: all,
    locate: async ({ key }) => {
      const place = places.get(key);
      if (!place) throw damaged(source, `storage ${key} is missing`);
      return place;
    },
  };
}
