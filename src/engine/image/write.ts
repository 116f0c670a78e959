import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EaselError } from '../errors.js';

let written = 0;

/**
 * Writes a file whole or not at all: a temporary file in the same folder takes the name once every byte is on the disk.
 * What was there before stays until then.
 * @throws EaselError with path and remedy if the folder is missing, not writable, or the disk full; nothing is left
 * behind.
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}-${++written}.tmp`;
  try {
    // wx: a file of that name is somebody else's.
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST') await rm(temporary, { force: true }).catch(() => {});
    throw new EaselError(`Cannot write ${path}: ${reasonOf(code, path)}`, { cause });
  }
}

function reasonOf(code: string | undefined, path: string): string {
  const folder = dirname(path);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `there is no space left for ${folder}. Free some, or choose another folder.`;
    case 'EFBIG':
      return 'the file is larger than this system allows. Raise the limit, or choose another folder.';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${folder} does not let you write. Change its permissions, or choose another folder.`;
    case 'ENOENT':
    case 'ENOTDIR':
      return `there is no folder ${folder}. Make it, or choose another.`;
    case 'EISDIR':
      return 'a folder has this name. Choose another name.';
    default:
      return `${code}. Choose another folder.`;
  }
}
