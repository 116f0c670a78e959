import { chmodSync, closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { makeFolder } from '../../make-folder.js';

/** Milliseconds that a write waits for another process's write. Everything else waits with it. */
const BUSY_TIMEOUT = 500;
/** Bytes of a file that is written anew while the bot runs: a third of a second, in which nothing else happens. */
const QUICKLY_REWRITTEN = 64 * 2 ** 20;
/** Kept in the file as its `user_version`: whether something that was deleted may still lie in it. */
const CLEAN = 1;
const UNCLEAN = 0;

/** Opens or makes a database that nobody else may read. */
export function openDatabase(path: string): Database.Database {
  makeFolder(dirname(path));
  closeSync(openSync(path, 'a', 0o600));
  // SQLite gives the files beside it the rights that it has itself, when it makes them.
  for (const file of [path, `${path}-wal`, `${path}-shm`]) makePrivate(file);
  const database = new Database(path);
  // A reader never waits for a writer. Every write waits for the disk, so that what was promised survives a power cut. What
  // is deleted is overwritten.
  database.exec(
    `PRAGMA busy_timeout = ${BUSY_TIMEOUT}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;`,
  );
  if (pragma(database, 'user_version') === UNCLEAN) rewrite(database);
  return database;
}

/**
 * Leaves nothing of what was deleted: `secure_delete` alone leaves copies where rows were moved between pages, and the log
 * has what was there before. A large file is only written anew at the next start.
 *
 * @throws if another process reads the database meanwhile, such as a backup: the log is kept for that.
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
    // No room for a second copy, or another process has it: at the next start.
  }
}

function pragma(database: Database.Database, name: string, column = name): number {
  return (database.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[column]!;
}

function makePrivate(file: string): void {
  try {
    chmodSync(file, 0o600);
  } catch {
    // Not there, or not ours: then opening it tells.
  }
}
