import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';

/** A path that is not opened, or a file that is not read. The message completes a sentence about the path: "it is ...". */
export class FileRefused extends Error {
  override name = 'FileRefused';
}

/** In words, with its article. */
export function kindOf(found: Stats): string {
  if (found.isFile()) return 'a file';
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a named pipe, not a file';
  if (found.isSocket()) return 'a socket, not a file';
  return 'a device, not a file';
}

/**
 * Opens a file for reading. Links are followed, and their target must be a regular file. Every path from outside is opened
 * by this function.
 *
 * @returns to be closed. @throws FileRefused, or what the file system says.
 */
export async function openFile(path: string): Promise<FileHandle> {
  const real = await realpath(path);
  // Before, because opening a device already has effects. After, because it may have been replaced in between.
  refuseOthers(await stat(real));
  const handle = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    refuseOthers(await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The bytes of a file that has at most `most` of them. @throws as {@link openFile}. */
export async function readWhole(path: string, most: number): Promise<Buffer> {
  const handle = await openFile(path);
  try {
    const { size } = await handle.stat();
    if (size <= most) {
      const bytes = await handle.readFile();
      // Files in /proc report a size of 0, and others grow.
      if (bytes.length <= most) return bytes;
    }
    throw new FileRefused(`it is larger than ${sizeOf(most)}`);
  } finally {
    await handle.close();
  }
}

function sizeOf(bytes: number): string {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} KB` : `${Math.round(bytes / 1e6)} MB`;
}

function refuseOthers(found: Stats): void {
  if (!found.isFile()) throw new FileRefused(`it is ${kindOf(found)}`);
}
