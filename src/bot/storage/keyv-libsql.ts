import { EventEmitter } from 'node:events';
import type { KeyvStoreAdapter, StoredData } from 'keyv';
import type { Database } from 'libsql';
import type { GroupCommit } from './group-commit.js';

/** Keys read at a time by the iterator. */
const PAGE = 100;

/**
 * A Keyv store in one SQLite table of key, value and expiry. libsql is synchronous and installs from npm without a
 * compiler; reading a row takes microseconds, and a write waits for the disk together with the others of its turn.
 *
 * Invariant: an expired row is never returned; it is deleted when it is read or its namespace is iterated over.
 */
export class KeyvLibsql extends EventEmitter implements KeyvStoreAdapter {
  readonly opts = { dialect: 'sqlite' };
  namespace: string | undefined;

  constructor(
    private readonly database: Database,
    private readonly commits: GroupCommit,
    namespace = '',
    private readonly now: () => number = Date.now,
  ) {
    super();
    this.namespace = namespace;
    database.exec(
      'CREATE TABLE IF NOT EXISTS easel (namespace TEXT, key TEXT, value TEXT NOT NULL, expires INTEGER, PRIMARY KEY (namespace, key)) WITHOUT ROWID',
    );
  }

  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    const row = this.#prepare('SELECT value, expires FROM easel WHERE namespace = ? AND key = ?').get(
      this.#space,
      key,
    ) as { value: string; expires: number | null } | undefined;
    if (!row) return undefined;
    if (row.expires !== null && row.expires <= this.now()) {
      await this.delete(key);
      return undefined;
    }
    return row.value as StoredData<Value>;
  }

  async getMany<Value>(keys: string[]): Promise<StoredData<Value | undefined>[]> {
    return Promise.all(keys.map((key) => this.get<Value>(key))) as Promise<StoredData<Value | undefined>[]>;
  }

  /** @param ttl milliseconds until it expires; never without it. */
  async set(key: string, value: string, ttl?: number): Promise<void> {
    const expires = ttl === undefined ? null : this.now() + ttl;
    const sql = 'INSERT OR REPLACE INTO easel (namespace, key, value, expires) VALUES (?, ?, ?, ?)';
    await this.#write(sql, this.#space, key, value, expires);
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#write('DELETE FROM easel WHERE namespace = ? AND key = ?', this.#space, key)) > 0;
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    const gone = await Promise.all(keys.map((key) => this.delete(key)));
    return gone.includes(true);
  }

  async clear(): Promise<void> {
    await this.#write('DELETE FROM easel WHERE namespace = ?', this.#space);
  }

  async has(key: string): Promise<boolean> {
    return (await this.get(key)) !== undefined;
  }

  /** In the order of the keys. Concurrent writes may or may not be seen; nothing is seen twice. */
  async *iterator<Value>(namespace = this.#space): AsyncGenerator<Array<string | Awaited<Value> | undefined>, void> {
    await this.#write('DELETE FROM easel WHERE namespace = ? AND expires <= ?', namespace, this.now());
    const page = this.#prepare(
      'SELECT key, value FROM easel WHERE namespace = ? AND key > ? AND (expires IS NULL OR expires > ?) ORDER BY key LIMIT ?',
    );
    for (let last = ''; ; ) {
      const rows = page.all(namespace, last, this.now(), PAGE) as { key: string; value: string }[];
      for (const { key, value } of rows) yield [key, value as Awaited<Value>];
      if (rows.length < PAGE) return;
      last = rows.at(-1)!.key;
    }
  }

  get #space(): string {
    return this.namespace ?? '';
  }

  /** @returns how many rows it changed. */
  #write(sql: string, ...values: unknown[]): Promise<number> {
    return this.commits.write(() => this.#prepare(sql).run(...values).changes);
  }

  #prepare(sql: string) {
    return this.database.prepare(sql);
  }
}
