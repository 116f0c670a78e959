import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EaselError } from './engine/errors.js';
import { makeFolder } from './make-folder.js';

/** Bytes without which a start is in vain: the database and the first picture. */
const LEAST = 2 ** 20;

/** Makes the folder for all that is kept, and tries it: rights alone do not tell of a full disk. @throws EaselError */
export function prepareDataDir(folder: string): void {
  const trial = join(folder, '.trial');
  try {
    makeFolder(folder);
    try {
      writeFileSync(trial, Buffer.alloc(LEAST));
    } finally {
      rmSync(trial, { force: true });
    }
  } catch (cause) {
    throw new EaselError(messageOf(folder, (cause as NodeJS.ErrnoException).code), { cause });
  }
}

function messageOf(folder: string, code: string | undefined): string {
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return `${folder} is not a folder, or lies below something that is none. Set DATA_DIR to a folder.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `There is no room left for ${folder} (${code}). Remove something, or set DATA_DIR to another disk.`;
    default:
      return `Nothing can be written to ${folder} (${code}). Change its permissions, or set DATA_DIR.`;
  }
}
