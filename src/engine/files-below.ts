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
export async function filesBelow(path: string): Promise<FileBelow[]> {
  const files: FileBelow[] = [];
  const seen = new Set<string>();
  const look = async (at: string): Promise<void> => {
    const real = await realpath(at).catch(() => null);
    const found = real === null ? null : await stat(real).catch(() => null);
    if (found?.isFile()) files.push({ path: at, bytes: found.size });
    if (!found?.isDirectory() || seen.has(real!)) return;
    seen.add(real!);
    for (const name of await readdir(real!).catch(() => [])) await look(join(at, name));
  };
  await look(path);
  return files;
}

export function sumOfBytes(files: readonly FileBelow[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
