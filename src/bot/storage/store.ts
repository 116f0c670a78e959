import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Keyv, { type KeyvStoreAdapter } from 'keyv';
import type Database from 'libsql';
import type { Config } from '../../config.js';
import { EaselError } from '../../engine/errors.js';
import { GroupCommit } from './group-commit.js';
import { KeyvLibsql } from './keyv-libsql.js';
import { openDatabase, scrub } from './sqlite.js';
import { guarded, inTime, reasonOf, STORE_PATIENCE, StoreError } from './store-error.js';

/**
 * What is stored: rules by guild, blocked members, waiting jobs, requests behind messages, what members keep,
 * unconfirmed emojis, counters, and the bot's own notes.
 */
const NAMESPACES = ['settings', 'blocks', 'jobs', 'results', 'members', 'drafts', 'stats', 'meta'] as const;

export type Namespace = (typeof NAMESPACES)[number];

/** The database behind a store, for the rate limits, which have their own tables. */
export type Backend =
  | { readonly kind: 'sqlite'; readonly database: Database.Database; readonly commits: GroupCommit }
  | { readonly kind: 'redis'; readonly client: object }
  | { readonly kind: 'postgres'; readonly pool: object };

/** Milliseconds for a statement of PostgreSQL, and for a lock it needs: it gives up before we do, and says why. */
const STATEMENT_TIMEOUT = STORE_PATIENCE - 100;
const LOCK_TIMEOUT = STORE_PATIENCE - 300;
const CONNECT_TIMEOUT = 5000;

/**
 * What must outlive the process, as one Keyv per namespace over one connection. Every call throws a StoreError if the
 * database fails or does not answer in time: a job that was not saved must not be acknowledged.
 */
export class Store implements AsyncDisposable {
  /** Called before every call; throws while another process has the store. */
  fence: () => void = () => {};
  readonly #namespaces = new Map<Namespace, Keyv>();

  private constructor(
    readonly backend: Backend,
    /** For messages. */
    readonly where: string,
    private readonly adapter: (namespace: Namespace) => KeyvStoreAdapter,
    private readonly release: () => Promise<void>,
  ) {}

  /** @throws EaselError if the database cannot be opened or reached. */
  static async open({ databaseUrl }: Pick<Config, 'databaseUrl'>): Promise<Store> {
    const { protocol, host } = new URL(databaseUrl);
    const kind = protocol === 'sqlite:' ? 'sqlite' : protocol.startsWith('redis') ? 'redis' : 'postgres';
    const where = kind === 'sqlite' ? pathOf(databaseUrl) : `${kind} at ${host}`;
    try {
      const store = await { sqlite: openSqlite, redis: openRedis, postgres: openPostgres }[kind](databaseUrl);
      try {
        // An adapter only tries to create its table when it is constructed; this call reports a failure now.
        for (const name of NAMESPACES) await store.namespace(name).has('');
        return store;
      } catch (error) {
        await store.close();
        throw error instanceof StoreError ? error.cause : error;
      }
    } catch (cause) {
      throw new EaselError(
        `The store (${where}) cannot be opened: ${reasonOf(cause)}. Check DATABASE_URL, and that the database is running and writable.`,
        { cause },
      );
    }

    async function openSqlite(url: string): Promise<Store> {
      const database = openDatabase(resolve(pathOf(url)));
      const commits = new GroupCommit(database);
      return new Store(
        { kind: 'sqlite', database, commits },
        where,
        (namespace) => new KeyvLibsql(database, commits, namespace),
        async () => {
          commits.flush();
          database.close();
        },
      );
    }

    async function openRedis(url: string): Promise<Store> {
      const { default: KeyvRedis, createClient } = await import('@keyv/redis');
      const client = createClient({
        url,
        // Commands fail at once while it is unavailable, instead of piling up.
        disableOfflineQueue: true,
        socket: { connectTimeout: CONNECT_TIMEOUT, reconnectStrategy: (attempt) => Math.min(100 * 2 ** attempt, 5000) },
      });
      // Without a listener, a lost connection would end the process; whoever needs the store gets the error from their
      // call.
      client.on('error', () => {});
      const refused = new Promise<never>((_, reject) => client.once('error', reject));
      refused.catch(() => {});
      await withinTime(Promise.race([client.connect(), refused]), () => client.destroy());
      return new Store(
        { kind: 'redis', client },
        where,
        (namespace) => new KeyvRedis(client, { namespace: `easel:${namespace}`, throwOnErrors: true, useUnlink: true }),
        async () => client.destroy(),
      );
    }

    async function openPostgres(url: string): Promise<Store> {
      const { default: pg } = await import('pg');
      const { KeyvPostgres } = await import('@keyv/postgres');
      const pool = new pg.Pool({
        connectionString: url,
        connectionTimeoutMillis: STATEMENT_TIMEOUT,
        // For a server that has stopped answering.
        query_timeout: STORE_PATIENCE,
        // Not as connection options: poolers such as PgBouncer refuse options they do not know.
        onConnect: async (client) => {
          await client.query(`SET statement_timeout = ${STATEMENT_TIMEOUT}; SET lock_timeout = ${LOCK_TIMEOUT}`);
        },
      });
      pool.on('error', () => {});
      // @keyv/postgres creates a pool without an error listener, so one lost connection would end the process.
      class OnOurPool extends KeyvPostgres {
        override async connect() {
          return async (sql: string, values?: unknown[]) => (await pool.query(sql, values)).rows;
        }
      }
      return new Store(
        { kind: 'postgres', pool },
        where,
        (namespace) =>
          new OnOurPool({ table: `easel_${namespace}`, iterationLimit: 100 }) as unknown as KeyvStoreAdapter,
        () => pool.end(),
      );
    }
  }

  namespace(name: Namespace): Keyv {
    const known = this.#namespaces.get(name);
    if (known) return known;
    const store = guarded(this.adapter(name), this.where, () => this.fence());
    // @keyv/redis and ours prefix keys with the namespace themselves; a table of its own needs no prefix.
    const keyv = new Keyv({
      store,
      namespace: store.namespace,
      useKeyPrefix: false,
      throwOnErrors: true,
      serialize: JSON.stringify,
      deserialize,
    });
    keyv.on('error', () => {});
    this.#namespaces.set(name, keyv);
    return keyv;
  }

  /** Writes something, since a full disk can still be read. @throws StoreError */
  async ping(): Promise<void> {
    await this.namespace('meta').set('ping', Date.now());
  }

  /** Erases everything that was deleted, as far as this process can. @throws StoreError */
  async scrub(): Promise<void> {
    const { backend } = this;
    if (backend.kind !== 'sqlite') return;
    await inTime(this.where, async () => {
      backend.commits.flush();
      scrub(backend.database);
    });
  }

  close(): Promise<void> {
    return this.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A value that is not JSON counts as deleted: one damaged record must not stop an iteration over the others. */
function deserialize<Value>(text: string): { value: Value | undefined; expires?: number } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return { value: undefined };
  }
}

/** `sqlite:///path/file` and, for a path relative to the working folder, `sqlite://path/file`. */
function pathOf(url: string): string {
  const rest = url.slice('sqlite:'.length);
  return rest.startsWith('///') ? fileURLToPath(`file:${rest}`) : decodeURIComponent(rest.replace(/^\/\//, ''));
}

async function withinTime(connected: Promise<unknown>, giveUp: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer within 5 seconds')), CONNECT_TIMEOUT);
  });
  try {
    await Promise.race([connected, late]);
  } catch (error) {
    giveUp();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
