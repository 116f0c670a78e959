import { CheckpointError } from '../../errors.js';
import type { ByteSource } from '../source.js';
import { DTYPE_BYTES } from '../tensor.js';
import type { Pickled } from './pickle-machine.js';
import { decode, type Locate, type StorageBytes } from './read.js';
import { torchReader } from './tensors.js';
import { damaged, dataOffset, readDirectory, readEntry, verifyEntry, type ZipEntry } from './zip.js';

const MAX_PICKLE_BYTES = 16 * 2 ** 20;
/** Deflated weights have to be held in memory. Weights hardly shrink, so this refuses nothing honest. */
const MAX_INFLATION = { factor: 4, bytes: 128 * 2 ** 20 };

/** What `torch.save` wrote: the pickled value, and the positions of the storages it refers to. */
export interface TorchFile {
  root: Pickled;
  /** What the pickle would import, as `module.name`. */
  imports: ReadonlySet<string>;
  locate: Locate;
}

/**
 * Reads torch's zip format (since 1.6): `<root>/data.pkl` and one entry a storage, `<root>/data/<key>`.
 *
 * @param verify compare the checksums of storages too, which reads the whole file.
 */
export async function readArchive(source: ByteSource, verify: boolean): Promise<TorchFile> {
  const entries = await readDirectory(source);
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) {
    throw new CheckpointError(
      `${source.path}: this zip file does not contain a PyTorch checkpoint. Give the .ckpt file itself.`,
    );
  }
  const folder = pickles[0]!.slice(0, -'data.pkl'.length);
  const order = entries.get(`${folder}byteorder`);
  if (order && (await readEntry(source, order, 100)).toString('latin1').trim() === 'big') {
    throw new CheckpointError(`${source.path}: its numbers are big-endian. Save it again on a little-endian machine.`);
  }
  const pickle = await readEntry(source, entries.get(pickles[0]!)!, MAX_PICKLE_BYTES);
  const { value: root, imports } = decode(source, pickle, torchReader);

  const places = new Map<string, StorageBytes>();
  const budget = { left: source.size * MAX_INFLATION.factor + MAX_INFLATION.bytes };
  return {
    root,
    imports,
    locate: async ({ key, dtype, elements }) => {
      const known = places.get(key);
      if (known) return known;
      const entry = entries.get(`${folder}data/${key}`);
      if (!entry) throw damaged(source, `storage ${key} is missing`);
      if (entry.size !== elements * DTYPE_BYTES[dtype!]) return { offset: 0, length: entry.size };
      const place = await placeOf(source, entry, verify, budget);
      places.set(key, place);
      return place;
    },
  };
}

async function placeOf(
  source: ByteSource,
  entry: ZipEntry,
  verify: boolean,
  budget: { left: number },
): Promise<StorageBytes> {
  const offset = await dataOffset(source, entry);
  if (entry.method === 0) {
    if (verify) await verifyEntry(source, entry, offset);
    return { offset, length: entry.size };
  }
  const bytes = await readEntry(source, entry, budget.left);
  budget.left -= bytes.length;
  return { offset, length: bytes.length, bytes };
}
