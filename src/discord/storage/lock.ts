import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { EaselError } from '../../engine/errors.js';

/**
 * Locks a folder for this process. SQLite's file lock ends with its process, however that ends, and also keeps out
 * another container on the same volume, which a process id would not.
 *
 * @returns a function that releases it. @throws EaselError while another process holds it.
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
