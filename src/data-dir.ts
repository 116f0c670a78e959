import { chmodSync, lstatSync, readdirSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EaselError } from './engine/errors.js';
import { kindOf } from './engine/regular-file.js';
import { makeFolder } from './make-folder.js';

/** Bytes without which a start is in vain: the database and the first picture. */
const LEAST = 2 ** 20;
/** Written and removed again. */
const TRIAL = '.trial';

/** What belongs to a path: a file, or a folder with what its names say, `*` for all others. */
type Shape = 'file' | { readonly [name: string]: Shape };

const FILES: Shape = { '*': 'file' };
/** What Easel keeps in DATA_DIR, and copies of its database. Everything else there is somebody else's, and let alone. */
const FOLDERS: Record<string, Shape> = {
  outcomes: { '*': FILES },
  pictures: FILES,
  // Where Docker's EASEL_CACHE lies.
  cache: { '*': FILES },
  discord: { files: FILES, '*': 'file' },
};
const DATABASE = /\.sqlite(-\w+)?$/;
/** Made with every file system of its own. */
const SYSTEM = 'lost+found';

/**
 * Makes the folder for all that is kept, for nobody else to read: prompts are in it, and what acts in the bot's name. What
 * an older version left open is closed. Then the folder is tried: rights alone do not tell of a full disk.
 *
 * @returns what others may read all the same, because it is not ours.
 * @throws EaselError
 */
export function prepareDataDir(folder: string): string[] {
  const open: string[] = [];
  try {
    makeFolder(folder);
    const names = readdirSync(folder).filter((name) => name !== TRIAL && name !== SYSTEM);
    const own = names.filter((name) => name in FOLDERS || DATABASE.test(name));
    for (const name of own) check(join(folder, name), FOLDERS[name] ?? 'file', open);
    // Where other things lie, the folder is not ours alone: it may be somebody's home.
    if (own.length === names.length) tighten(folder, statSync(folder), open);
    try {
      writeFileSync(join(folder, TRIAL), Buffer.alloc(LEAST));
    } finally {
      rmSync(join(folder, TRIAL), { force: true });
    }
  } catch (cause) {
    if (cause instanceof EaselError) throw cause;
    throw new EaselError(messageOf(folder, (cause as NodeJS.ErrnoException).code), { cause });
  }
  return open;
}

/** Whether there is still room, and all else that it takes to write. @throws as the file system does. */
export async function tryDataDir(folder: string): Promise<void> {
  try {
    await writeFile(join(folder, TRIAL), Buffer.alloc(LEAST), { mode: 0o600 });
  } finally {
    await rm(join(folder, TRIAL), { force: true });
  }
}

function check(path: string, shape: Shape, open: string[]): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found && !lstatSync(path, { throwIfNoEntry: false })) return;
  if (shape === 'file' ? !found?.isFile() : !found?.isDirectory()) {
    const is = found ? `is ${kindOf(found)}` : 'is a link that leads nowhere';
    const wanted = shape === 'file' ? 'file' : 'folder';
    throw new EaselError(`${path} ${is}, but Easel keeps a ${wanted} there. Move it away, or set DATA_DIR.`);
  }
  tighten(path, found!, open);
  if (shape === 'file') return;
  for (const name of readdirSync(path)) {
    if (name !== SYSTEM) check(join(path, name), shape[name] ?? shape['*']!, open);
  }
}

function tighten(path: string, found: Stats, open: string[]): void {
  if (process.platform === 'win32' || (found.mode & 0o077) === 0) return;
  try {
    chmodSync(path, found.isDirectory() ? 0o700 : 0o600);
  } catch {
    open.push(path);
  }
}

function messageOf(folder: string, code: string | undefined): string {
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return `${folder} cannot be a folder: it or one of its parents is a file. Set DATA_DIR to a folder.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `There is no room left for ${folder} (${code}). Free some space, or set DATA_DIR to a folder on another disk.`;
    default:
      return `Nothing can be written to ${folder} (${code}). Change its permissions, or set DATA_DIR.`;
  }
}
