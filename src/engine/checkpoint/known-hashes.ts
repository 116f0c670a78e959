import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { userCacheFolder } from '../cache-folder.js';
import { readWhole } from '../regular-file.js';
import { writeWhole } from '../write-file.js';
import { sha256 } from './hash.js';
import { unreadable } from './source.js';

/** In the cache folder: the hashes of files by path, valid while the file is unchanged. */
const NAME = 'hashes.json';
const LARGEST = 1 << 24;
/** More than one start asks for: of a few too many, each would be forgotten before it is asked for again. */
const MOST = 2000;

type Known = Record<string, { readonly as: string; readonly sha256: string }>;

/** SHA-256 of files, in hex. A file of 4 GB takes seconds, so its hash is kept until the file changes. */
export async function hashesOf(folder: string, files: readonly string[]): Promise<Map<string, string>> {
  const known = await read(folder);
  const hashes = new Map<string, string>();
  const fresh: Known = {};
  for (const file of files) {
    const as = await identityOf(file).catch((cause) => {
      throw unreadable(file, cause);
    });
    const hash = known[file]?.as === as ? known[file].sha256 : await sha256([file]);
    hashes.set(file, hash);
    if (known[file]?.as !== as) fresh[file] = { as, sha256: hash };
  }
  if (Object.keys(fresh).length > 0) await write(folder, known, fresh);
  return hashes;
}

/**
 * AUTOMATIC1111's "Model hash": ten digits of {@link sha256}, computed when first asked for. That of a single file is remembered
 * from run to run, as AUTOMATIC1111 does (modules/hashes.py).
 *
 * @param cache the folder for it; the user's by default.
 */
export function shortHash(files: readonly string[], cache = userCacheFolder()): () => Promise<string> {
  let hash: Promise<string> | undefined;
  return () => {
    hash ??= fullHash(files, cache).then((digits) => digits.slice(0, 10));
    return hash;
  };
}

async function fullHash(files: readonly string[], cache: string): Promise<string> {
  const [file] = files;
  if (files.length !== 1) return sha256(files);
  await mkdir(cache, { recursive: true, mode: 0o700 }).catch(() => {});
  return (await hashesOf(cache, files)).get(file!)!;
}

/** Whether this was remembered of the file, and the file has not changed since. */
export async function isRemembered(folder: string, file: string, hash: string): Promise<boolean> {
  const known = (await read(folder))[file];
  const as = await identityOf(file).catch(() => undefined);
  return as !== undefined && known?.as === as && known.sha256 === hash;
}

/** Remembers a hash that belongs to the file as it is now. */
export async function remember(folder: string, file: string, hash: string): Promise<void> {
  await write(folder, await read(folder), { [file]: { as: await identityOf(file), sha256: hash } });
}

/** Changes whenever the file does. */
async function identityOf(file: string): Promise<string> {
  const { size, mtimeNs, ctimeNs, ino, dev } = await stat(file, { bigint: true });
  return [size, mtimeNs, ctimeNs, ino, dev].join(' ');
}

async function read(folder: string): Promise<Known> {
  try {
    const parsed: unknown = JSON.parse((await readWhole(join(folder, NAME), LARGEST)).toString('utf8'));
    const entries = Object.entries(parsed as object).filter(
      ([, value]) => typeof value?.as === 'string' && /^[0-9a-f]{64}$/.test(value?.sha256),
    );
    return Object.fromEntries(entries);
  } catch {
    return {};
  }
}

/** If two processes write at once, one of them loses its hashes and computes them again. */
async function write(folder: string, known: Known, fresh: Known): Promise<void> {
  const older = Object.entries(known).filter(([file]) => !(file in fresh));
  const newestLast = [...older, ...Object.entries(fresh)].slice(-MOST);
  await writeWhole(join(folder, NAME), JSON.stringify(Object.fromEntries(newestLast))).catch(() => {});
}
