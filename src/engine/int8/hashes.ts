import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../write-file.js';
import { sha256 } from '../checkpoint/hash.js';
import { readWhole } from '../regular-file.js';

/** In the cache folder: the hashes of files by path, valid while the file is unchanged. */
const NAME = 'hashes.json';
const LARGEST = 1 << 20;
const MOST = 200;

type Known = Record<string, { readonly as: string; readonly sha256: string }>;

/** SHA-256 of files, in hex. A file of 4 GB takes seconds, so its hash is kept until the file changes. */
export async function hashesOf(folder: string, files: readonly string[]): Promise<Map<string, string>> {
  const known = await read(folder);
  const hashes = new Map<string, string>();
  let changed = false;
  for (const file of files) {
    const { size, mtimeNs, ctimeNs, ino, dev } = await stat(file, { bigint: true });
    const as = [size, mtimeNs, ctimeNs, ino, dev].join(' ');
    const hash = known[file]?.as === as ? known[file].sha256 : await sha256([file]);
    hashes.set(file, hash);
    changed ||= known[file]?.as !== as;
    delete known[file];
    // Reinserted, so that the newest are last.
    known[file] = { as, sha256: hash };
  }
  // If two processes write at once, one of them loses its hashes and computes them again.
  const kept = Object.fromEntries(Object.entries(known).slice(-MOST));
  if (changed) await writeWhole(join(folder, NAME), JSON.stringify(kept)).catch(() => {});
  return hashes;
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
