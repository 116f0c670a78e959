import { chmodSync, lstatSync, readdirSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EaselError } from './engine/errors.js';
import { kindOf } from './engine/regular-file.js';
import { makeFolder } from './make-folder.js';

/** The least bytes that a start needs: the database and the first picture. */
const LEAST = 2 ** 20;
/** Written and deleted again. */
const TRIAL = '.trial';

/** What belongs at a path: a file, or a folder with the named entries; `*` is any other name. */
type Shape = 'file' | { readonly [name: string]: Shape };

const FILES: Shape = { '*': 'file' };
/** What Easel keeps in DATA_DIR, and copies of its database. Anything else there is not ours and is left alone. */
const FOLDERS: Record<string, Shape> = {
  // Tells a standby that its DATA_DIR is the leader's.
  'standby-id': 'file',
  outcomes: { '*': FILES },
  // Of a painter for a bot on another machine.
  kept: { '*': FILES },
  pictures: FILES,
  // Docker's EASEL_CACHE.
  cache: { '*': FILES },
  discord: { files: FILES, '*': 'file' },
};
const DATABASE = /\.sqlite(-\w+)?$/;
/** Exists at the root of every file system. */
const SYSTEM = 'lost+found';

/**
 * Creates DATA_DIR, readable by nobody else, because it holds prompts and tokens that act in the bot's name. Files that
 * an older version left readable are closed. Then a file is written, since permissions alone do not tell of a full
 * disk.
 *
 * @returns files that others can read, because they are not ours to change.
 * @throws EaselError
 */
export function prepareDataDir(folder: string): string[] {
  const open: string[] = [];
  try {
    makeFolder(folder);
    const names = readdirSync(folder).filter((name) => name !== TRIAL && name !== SYSTEM);
    const own = names.filter((name) => name in FOLDERS || DATABASE.test(name));
    for (const name of own) check(join(folder, name), FOLDERS[name] ?? 'file', open);
    // If anything else is in the folder, it is not ours alone: it may be somebody's home.
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

/** Checks that there is still space and permission to write. @throws as the file system does. */
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
