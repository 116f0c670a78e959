import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { userCacheFolder } from '../cache-folder.js';
import { hashesOf, isRemembered, remember } from '../checkpoint/known-hashes.js';
import { readSafetensors } from '../checkpoint/safetensors.js';
import { EaselError } from '../errors.js';
import { sumOfBytes } from '../files-below.js';
import type { Int8Demand, Int8Matrix, Quantize } from '../graph/form.js';
import { isUnfinished } from '../write-file.js';
import { readMatrices, writeMatrices } from './file.js';
import { quantizeAll } from './workers.js';

/** To be raised when the same weights would be quantized to other numbers, or stored in another order. */
const RECIPE = 1;
/** Most bytes that all files may have together: five full-size models. */
const MOST_BYTES = 5e9;
/** Milliseconds after which an unfinished file counts as abandoned. */
const ABANDONED = 3_600_000;

export interface CacheOptions {
  /** Where quantized weights are kept; in the user's cache folder by default. */
  folder?: string;
  /** Where the hashes of checkpoints are remembered; in `folder` by default. */
  hashes?: string;
  /** See quantize(). */
  largest: number;
  threads?: number;
  mostBytes?: number;
}

/** The folder of quantized weights in the cache folder. */
export function int8Folder(cache = userCacheFolder()): string {
  return join(cache, 'int8');
}

/**
 * Quantizes weights once and keeps them in files, which ONNX Runtime maps like a checkpoint. A file's key covers all
 * that goes into it: the recipe, the hashes of the checkpoint's files, where the weights are in them, and the values of
 * weights that are in no file, such as those with LoRAs merged in. Damaged or unfinished files are written again: all of a
 * file is checked once, and again when it has changed. If nothing can be written, the weights are only kept in memory.
 */
export function cachedInt8({
  folder = int8Folder(),
  hashes = folder,
  mostBytes = MOST_BYTES,
  ...how
}: CacheOptions): Quantize {
  return async (network, demands) => {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const key = await keyOf(hashes, demands, how.largest);
      const path = join(folder, `${network}-${key.slice(0, 32)}.safetensors`);
      const kept = await readMatrices(path, key, demands, !(await isRemembered(folder, path, key)));
      if (kept) {
        // Marks it as used, so that it is deleted last.
        await utimes(path, new Date(), new Date()).catch(() => {});
        await remember(folder, path, key);
        return kept;
      }
      const note = `${network} of ${basename(demands[0]!.tensor.file)}`;
      await writeMatrices(path, { key, note }, demands, (take) => quantizeAll(demands, how, take));
      await bound(folder, mostBytes, path);
      const made = await readMatrices(path, key, demands);
      if (made) {
        await remember(folder, path, key);
        return made;
      }
    } catch (error) {
      // An unreadable checkpoint is not the cache's problem.
      if (error instanceof EaselError) throw error;
    }
    return inMemory(demands, how);
  };
}

async function keyOf(remembered: string, demands: readonly Int8Demand[], largest: number): Promise<string> {
  const files = new Set(demands.filter(({ tensor }) => !tensor.bytes).map(({ tensor }) => tensor.file));
  const hashes = await hashesOf(remembered, [...files]);
  const parts = demands.map(({ label, shape, tensor: { dtype, bytes, file, offset, strides = null } }) => {
    const source = bytes ? createHash('sha256').update(bytes).digest('hex') : [hashes.get(file), offset, strides];
    return [label, shape, dtype, source];
  });
  return createHash('sha256')
    .update(JSON.stringify([RECIPE, largest, parts]))
    .digest('hex');
}

async function inMemory(
  demands: readonly Int8Demand[],
  how: { largest: number; threads?: number },
): Promise<Int8Matrix[]> {
  const made: Int8Matrix[] = [];
  await quantizeAll(demands, how, async (k, { matrix, scale }) => {
    const { file } = demands[k]!.tensor;
    const [rows, outputs] = [matrix.length / scale.length, scale.length];
    made[k] = {
      matrix: { dtype: 'I8', shape: [rows, outputs], file, offset: 0, bytes: new Uint8Array(matrix.buffer) },
      scale: { dtype: 'F32', shape: [outputs], file, offset: 0, bytes: new Uint8Array(scale.buffer) },
    };
  });
  return made;
}

export interface CacheFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was last used, in milliseconds since 1970. */
  readonly used: number;
  /** Where the weights come from: "unet of model.ckpt". */
  readonly note: string;
}

/** The finished files, most recently used first. */
export async function cacheFiles(folder = int8Folder()): Promise<CacheFile[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.safetensors'));
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const found = await stat(path).catch(() => null);
      if (!found?.isFile()) return [];
      const note = await readSafetensors(path).then(
        ({ metadata }) => metadata.get('note'),
        () => undefined,
      );
      return [{ path, bytes: found.size, used: found.mtimeMs, note: note ?? `${name}, damaged` }];
    }),
  );
  return files.flat().sort((a, b) => b.used - a.used);
}

/** Deletes all files; a session that has one open keeps it (on Windows the file stays). @returns bytes deleted. */
export async function clearCache(folder = int8Folder()): Promise<number> {
  let removed = 0;
  for (const { path, bytes } of await cacheFiles(folder)) {
    const gone = await rm(path).then(
      () => true,
      () => false,
    );
    if (gone) removed += bytes;
  }
  await removeAbandoned(folder, 0);
  return removed;
}

/** Deletes the least recently used files until the rest fits; never `own`. */
async function bound(folder: string, mostBytes: number, own: string): Promise<void> {
  await removeAbandoned(folder, ABANDONED);
  const files = await cacheFiles(folder);
  let total = sumOfBytes(files);
  for (const { path, bytes } of files.reverse()) {
    if (total <= mostBytes) return;
    if (path === own) continue;
    await rm(path, { force: true }).catch(() => {});
    total -= bytes;
  }
}

async function removeAbandoned(folder: string, age: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!isUnfinished(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs >= age) await rm(path, { force: true }).catch(() => {});
  }
}
