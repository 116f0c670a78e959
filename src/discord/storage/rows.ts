import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import Database from 'libsql';
import { EaselError } from '../../engine/errors.js';
import { type Kind, keyOf, type Things } from '../things.js';
import { damaged, unreadable } from './unusable.js';
import { parse, stringify } from './value.js';

/** Version of the table below, in the file's `user_version`. */
const VERSION = 1;
/** Bytes; SQLite's own default, and that of every file created here. */
const PAGE = 4096;
/** `position` keeps the order in which things were added, even when they change. */
const TABLE =
  'CREATE TABLE things (position INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (kind, key))';
const PUT = 'INSERT INTO things (kind, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value';
const REMOVE = 'DELETE FROM things WHERE kind = ? AND key = ?';

/** A thing's new state, or null if it was removed. */
export type Change = readonly [kind: Kind, key: string, thing: Things[Kind] | null];

/** A world's things, one row each. What was passed to `write` survives a kill of the process. */
export class Rows {
  private constructor(
    private readonly path: string,
    private readonly database: Database.Database,
  ) {}

  /**
   * Opens an existing file. If there is none, writes `things` to a new one, which gets its name only once it is
   * complete.
   *
   * @throws EaselError for a file that is damaged, cannot be read, or was written by a later version.
   */
  static open(path: string, things: () => Iterable<[Kind, Things[Kind]]>): Rows {
    if (!existsSync(path)) create(path, things());
    else probe(path);
    // SQLite reads the missing part of the last page as zeros. If there is a log, the whole page may be in that.
    const cutOff = !existsSync(`${path}-wal`) && statSync(path).size % PAGE !== 0;
    const database = new Database(path);
    try {
      const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
      if (version > VERSION)
        throw new EaselError(`${path} was written by a newer version of Easel. Install that version.`);
      if (version < VERSION) throw new TypeError('it is empty');
      const { integrity_check: found } = database.prepare('PRAGMA integrity_check(1)').get() as Record<string, string>;
      if (cutOff) throw new TypeError('its end is missing');
      if (found !== 'ok') throw new TypeError(found!.replaceAll('\n', ' '));
      // With a log, writes do not wait for the disk, but survive a crash of the process. Deleted data is overwritten.
      database.exec(
        'PRAGMA busy_timeout = 0; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;',
      );
      return new Rows(path, database);
    } catch (cause) {
      database.close();
      throw cause instanceof EaselError ? cause : damaged(path, cause);
    }
  }

  /** Everything, in the order in which it was added. @throws EaselError for a value that was changed by hand. */
  all(): [Kind, Things[Kind]][] {
    const rows = this.database.prepare('SELECT kind, value FROM things ORDER BY position').all();
    try {
      return (rows as { kind: Kind; value: string }[]).map(({ kind, value }) => [kind, parse(value) as Things[Kind]]);
    } catch (cause) {
      throw damaged(this.path, cause);
    }
  }

  /** All or nothing. @throws SqliteError, such as for a full disk. */
  write(changes: Iterable<Change>): void {
    write(this.database, changes);
  }

  /** Leaves one complete file: libsql only closes it, and its log, when its statements are collected. */
  close(): void {
    try {
      this.database.exec('PRAGMA journal_mode = DELETE');
    } catch {
      // There is no room, or another process reads it: the log stays, and is read at the next start.
    }
    this.database.close();
  }
}

function create(path: string, things: Iterable<[Kind, Things[Kind]]>): void {
  const unfinished = `${path}.tmp`;
  for (const name of [unfinished, `${unfinished}-journal`]) rmSync(name, { force: true });
  closeSync(openSync(unfinished, 'a', 0o600));
  const database = new Database(unfinished);
  try {
    database.exec(`${TABLE}; PRAGMA user_version = ${VERSION}`);
    write(
      database,
      [...things].map(([kind, thing]) => [kind, keyOf(kind, thing), thing] as const),
    );
  } finally {
    database.close();
  }
  renameSync(unfinished, path);
}

// Not `database.transaction`: if SQLite has rolled back by itself, as on a full disk, it hides why.
function write(database: Database.Database, changes: Iterable<Change>): void {
  const [put, remove] = [database.prepare(PUT), database.prepare(REMOVE)];
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const [kind, key, thing] of changes) {
      if (thing) put.run(kind, key, stringify(thing));
      else remove.run(kind, key);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** SQLite reports a file that it cannot open without the reason. @throws EaselError */
function probe(path: string): void {
  try {
    const file = openSync(path, 'r+');
    try {
      readSync(file, Buffer.alloc(1));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
