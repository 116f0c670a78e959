import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface FileBelow {
  /** As it was found, links not resolved. */
  readonly path: string;
  readonly bytes: number;
}

/**
 * All files below a folder, or the file itself. Links are followed, because people keep large files on other disks. A folder
 * with several links to it counts once, so that circles end. What cannot be read is left out.
 */
export async function filesBelow(path: string, seen = new Set<string>()): Promise<FileBelow[]> {
  const real = await realpath(path).catch(() => null);
  const found = real === null ? null : await stat(real).catch(() => null);
  if (!found?.isDirectory()) return found?.isFile() ? [{ path, bytes: found.size }] : [];
  if (seen.has(real!)) return [];
  seen.add(real!);
  const files: FileBelow[] = [];
  for (const name of await readdir(real!).catch(() => [])) files.push(...(await filesBelow(join(path, name), seen)));
  return files;
}

export function sumOfBytes(files: readonly FileBelow[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
