import { chmodSync, closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { makeFolder } from '../../make-folder.js';

/** Milliseconds that a write waits for another process's write, during which the whole process waits. */
const BUSY_TIMEOUT = 500;
/** Most bytes of a file that is rewritten while the bot runs, which blocks everything for a third of a second. */
const QUICKLY_REWRITTEN = 64 * 2 ** 20;
/** Stored as the file's `user_version`: nothing deleted is left in it. */
const CLEAN = 1;
const UNCLEAN = 0;

/** Opens or creates a database that nobody else can read. */
export function openDatabase(path: string): Database.Database {
  makeFolder(dirname(path));
  closeSync(openSync(path, 'a', 0o600));
  // SQLite creates the files beside it with the same permissions.
  for (const file of [path, `${path}-wal`, `${path}-shm`]) makePrivate(file);
  const database = new Database(path);
  // Readers never wait for a writer. Every write waits for the disk, so that what was acknowledged survives a power
  // cut. Deleted data is overwritten.
  database.exec(
    `PRAGMA busy_timeout = ${BUSY_TIMEOUT}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;`,
  );
  if (pragma(database, 'user_version') === UNCLEAN) rewrite(database);
  return database;
}

/**
 * Erases everything that was deleted: `secure_delete` alone leaves copies where rows were moved between pages, and the
 * log has the old contents. A large file is only rewritten at the next start.
 *
 * @throws if another process, such as a backup, is reading the database, because it needs the log.
 */
export function scrub(database: Database.Database): void {
  database.exec(`PRAGMA user_version = ${UNCLEAN}`);
  if (pragma(database, 'page_count') * pragma(database, 'page_size') <= QUICKLY_REWRITTEN) rewrite(database);
  if (pragma(database, 'wal_checkpoint(TRUNCATE)', 'busy')) throw new Error('another process reads it');
}

function rewrite(database: Database.Database): void {
  try {
    database.exec(`VACUUM; PRAGMA user_version = ${CLEAN}`);
  } catch {
    // There is no room for a second copy, or another process has it: at the next start, then.
  }
}

function pragma(database: Database.Database, name: string, column = name): number {
  return (database.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[column]!;
}

function makePrivate(file: string): void {
  try {
    chmodSync(file, 0o600);
  } catch {
    // Missing, or not ours: opening it will report that.
  }
}
