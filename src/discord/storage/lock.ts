import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { EaselError } from '../../engine/errors.js';

/**
 * Takes a folder for this process. SQLite's lock on a file goes with whoever holds it, however that ends, and also keeps
 * out another container on the same volume, which a process id would not.
 *
 * @returns what gives it back. @throws EaselError while another holds it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock');
  closeSync(openSync(path, 'a', 0o600));
  const lock = new Database(path);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw cause;
    throw new EaselError(
      `${folder} is in use by another Easel. Stop that one, or set DATA_DIR to another folder for this one.`,
      { cause },
    );
  }
  return () => lock.close();
}
