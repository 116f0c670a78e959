import { randomBytes } from 'node:crypto';
import { constants, copyFile, type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EaselError } from './errors.js';

// All finished files are written here: under a temporary name in the same folder, synced, renamed, and then the folder
// is synced. So a file that has its name is complete, even after a power cut, and once a call resolves, the name stays.

const UNFINISHED = '.tmp';

/** On file systems without hard links, such as FAT. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'];
/**
 * Windows cannot open folders, and some network file systems cannot sync them: there, the system decides when to write.
 */
const NO_FOLDER_SYNC = ['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Whether an interrupted write left this file. Earlier versions called it `.part`. */
export function isUnfinished(name: string): boolean {
  return name.endsWith(UNFINISHED) || name.endsWith('.part');
}

/** Writes a file completely or not at all; an existing file is replaced. @throws as the file system does. */
export async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  await withTemporary(path, bytes, (temporary) => rename(temporary, path));
  await syncFolder(dirname(path));
}

/** Like {@link writeWhole}, for contents too large for memory: `write` writes them to the file. */
export async function writeBy(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  await withTemporary(path, write, (temporary) => rename(temporary, path));
  await syncFolder(dirname(path));
}

/**
 * Writes a new file, completely or not at all.
 *
 * @returns false, with nothing changed, if the name is taken: another process may take it at any moment.
 * @throws EaselError with the path and what to do if the folder is missing or not writable, or the disk is full;
 * nothing is left behind.
 */
export async function writeNew(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    const isNew = await withTemporary(path, bytes, (temporary) => named(temporary, path));
    await syncFolder(dirname(path));
    return isNew;
  } catch (cause) {
    throw new EaselError(`Cannot write ${path}: ${reasonOf((cause as NodeJS.ErrnoException).code, path)}`, { cause });
  }
}

/** Resolves when a folder's entries are on disk, so that files created, renamed or deleted there stay so. */
export async function syncFolder(path: string): Promise<void> {
  try {
    await using folder = await open(path, 'r');
    await folder.sync();
  } catch (error) {
    if (!NO_FOLDER_SYNC.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function withTemporary<T>(
  path: string,
  bytes: Uint8Array | string | ((file: FileHandle) => Promise<void>),
  use: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}${UNFINISHED}`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await (typeof bytes === 'function' ? bytes(file) : file.writeFile(bytes));
      await file.sync();
    } finally {
      await file.close();
    }
    return await use(temporary);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** Unlike renaming, both ways fail if the name is taken. */
async function named(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path).catch((error) => {
      if (!NO_LINKS.includes(error.code)) throw error;
      return copyNew(temporary, path);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function copyNew(temporary: string, path: string): Promise<void> {
  await copyFile(temporary, path, constants.COPYFILE_EXCL);
  await using copy = await open(path, 'r+');
  await copy.sync();
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
