import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, parse, relative } from 'node:path';
import { hashesOf } from '../../engine/checkpoint/known-hashes.js';
import { filesBelow } from '../../engine/files-below.js';
import { makeFolder } from '../../make-folder.js';

/** Papers and pictures that come with a model and change nothing about what it paints. */
const BESIDE = /^\.|\.(md|png|jpe?g|webp|gif)$/i;

/** What is beside a file, from the end of its name, that changes what it paints. */
const ADDED = /^\.(yaml|easel\.json|vae\.\w+)$/i;

/**
 * What identifies each model's weights: the SHA-256 of a single file, or a hash over the names and hashes of all files of a
 * folder, or of a file and what belongs to it, such as NAME.yaml. Large files are only read again when they have changed.
 *
 * @param paths by the model's name.
 * @param cache the folder for what can be made again.
 */
export async function digestsOf(paths: ReadonlyMap<string, string>, cache: string): Promise<Map<string, string>> {
  const folder = join(cache, 'digests');
  try {
    makeFolder(folder);
  } catch {
    // Then they are read again at the next start.
  }
  const digests = new Map<string, string>();
  for (const [name, path] of paths) {
    const files = (await filesBelow(path)).map((file) => file.path).filter((file) => !BESIDE.test(basename(file)));
    const isFile = files[0] === path;
    if (isFile) files.push(...(await addedTo(path)));
    const hashes = await hashesOf(folder, files);
    const only = isFile && files.length === 1 ? hashes.get(path) : undefined;
    digests.set(name, only ?? overall(files.map((file) => [relative(path, file), hashes.get(file)!])));
  }
  return digests;
}

async function addedTo(path: string): Promise<string[]> {
  const [folder, { name }] = [dirname(path), parse(path)];
  const there = await readdir(folder);
  return there
    .filter((one) => one.startsWith(name) && ADDED.test(one.slice(name.length)))
    .map((one) => join(folder, one));
}

function overall(files: [name: string, hash: string][]): string {
  const lines = files.map(([name, hash]) => `${name.replaceAll('\\', '/')} ${hash}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}
