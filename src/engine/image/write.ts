import { randomBytes } from 'node:crypto';
import { constants, copyFile, link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EaselError } from '../errors.js';

/** Of file systems without hard links, such as FAT. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'];

/**
 * Writes a file that must be new, whole or not at all: a temporary file in the same folder gets the name once every byte is
 * on the disk.
 * @returns false, with nothing changed, if something has the name already: another process may take it at any moment.
 * @throws EaselError with path and remedy if the folder is missing, not writable, or the disk full; nothing is left
 * behind.
 */
export async function writeNew(path: string, bytes: Uint8Array): Promise<boolean> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return await named(temporary, path);
  } catch (cause) {
    throw new EaselError(`Cannot write ${path}: ${reasonOf((cause as NodeJS.ErrnoException).code, path)}`, { cause });
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** Unlike renaming, both ways fail where there is something of that name. */
async function named(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path).catch((error) => {
      if (!NO_LINKS.includes(error.code)) throw error;
      return copyFile(temporary, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
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
    default:
      return `${code}. Choose another folder.`;
  }
}
