import { constants } from 'node:fs';
import { copyFile, link, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256 } from '../engine/checkpoint/hash.js';
import { syncFolder } from '../engine/write-file.js';
import type { HubFile, HubRepo } from './hub.js';

/**
 * Where the Hub's own programs would have kept a file: `blobs/` by its hash, `snapshots/` by commit and path
 * (huggingface.co/docs/huggingface_hub/guides/manage-cache).
 *
 * @param cache the shared folder, as HF_HUB_CACHE or HF_HOME name it.
 */
export function placesInCache(cache: string, { name, commit }: HubRepo, { path, sha256, gitOid }: HubFile): string[] {
  const repo = join(cache, `models--${name.replace('/', '--')}`);
  const digest = sha256 ?? gitOid;
  return [...(digest ? [join(repo, 'blobs', digest)] : []), join(repo, 'snapshots', commit, path)];
}

/**
 * Takes a file that is already on this machine: by a hard link where both are on one disk, else as a copy. Only large
 * files are taken, whose SHA-256 is known and is compared.
 *
 * @returns whether one of the places had it.
 */
export async function takeFrom(
  places: readonly string[],
  path: string,
  size: number,
  digest: string,
): Promise<boolean> {
  for (const place of places) {
    const real = await realpath(place).catch(() => null);
    const found = real === null ? null : await stat(real).catch(() => null);
    if (!found?.isFile() || found.size !== size) continue;
    if ((await sha256([real!]).catch(() => null)) !== digest) continue;
    await mkdir(dirname(path), { recursive: true });
    try {
      await link(real!, path);
    } catch {
      const part = `${path}.part`;
      try {
        await rm(part, { force: true });
        await copyFile(real!, part, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
        await rename(part, path);
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
    }
    await syncFolder(dirname(path));
    return true;
  }
  return false;
}
