import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Limits } from '../../../src/bot/rules/limits.js';
import { GroupCommit } from '../../../src/bot/storage/group-commit.js';
import { KeyvLibsql } from '../../../src/bot/storage/keyv-libsql.js';
import { scan } from '../../../src/bot/storage/scan.js';
import { Store } from '../../../src/bot/storage/store.js';
import { StoreError } from '../../../src/bot/storage/store-error.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { postgresPrograms, startPostgres } from '../postgres.js';
import { freePort, hasCommand, type Server, startRedis, temporaryFolder } from '../servers.js';

/** What every store must do, whatever is behind it. */
function conformance(open: () => Promise<Store>): void {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store?.close());

  test('values of every JSON type come back', async () => {
    const settings = store.namespace('settings');
    for (const value of ['text', 0, false, ['a', 1], { deep: { er: 'ü "quotes" \n 🎨' } }]) {
      await settings.set('key', value);
      expect(await settings.get('key')).toEqual(value);
    }
    expect(await settings.has('key')).toBe(true);
  });

  test('unset and deleted keys are absent', async () => {
    const counters = store.namespace('stats');
    expect(await counters.get('nobody')).toBeUndefined();
    await counters.set('somebody', 1);
    expect(await counters.delete('somebody')).toBe(true);
    expect(await counters.delete('somebody')).toBe(false);
    expect(await counters.get('somebody')).toBeUndefined();
  });

  test('namespaces do not see each other, and one is cleared without the others', async () => {
    await store.namespace('stats').set('same', 'counter');
    await store.namespace('results').set('same', 'result');
    expect(await store.namespace('stats').get('same')).toBe('counter');
    await store.namespace('stats').clear();
    expect(await store.namespace('stats').get('same')).toBeUndefined();
    expect(await store.namespace('results').get('same')).toBe('result');
  });

  test('the iterator gives every entry of its namespace once', async () => {
    const jobs = store.namespace('jobs');
    await store.namespace('results').set('not-a-job', 1);
    const names = Array.from({ length: 250 }, (_, k) => `job-${k}`);
    await Promise.all(names.map((name) => jobs.set(name, { name })));
    const seen: string[] = [];
    for await (const [key, value] of jobs.iterator!(jobs.namespace)) {
      expect(value).toEqual({ name: key });
      seen.push(key);
    }
    expect(seen.sort()).toEqual(names.sort());
  });

  test('entries expire after their time to live', async () => {
    const meta = store.namespace('meta');
    await meta.set('short', 1, 30);
    await meta.set('long', 1, 60_000);
    await expect.poll(() => meta.get('short')).toBeUndefined();
    expect(await meta.get('long')).toBe(1);
  });

  test('many are read and deleted at once', async () => {
    const results = store.namespace('results');
    await results.set('a', 1);
    await results.set('b', 2);
    expect(await results.get(['a', 'missing', 'b'])).toEqual([1, undefined, 2]);
    await results.delete(['a', 'b']);
    expect(await results.get(['a', 'b'])).toEqual([undefined, undefined]);
  });

  test('keys with any characters stay apart', async () => {
    const counters = store.namespace('stats');
    const keys = ['a:b', 'a', 'A', '%', '_', "'; DROP TABLE easel; --", 'ключ', ' a'];
    for (const key of keys) await counters.set(key, key);
    for (const key of keys) expect(await counters.get(key)).toBe(key);
  });
}

describe('SQLite', () => {
  test('a write is on disk when it resolves', async () => {
    using folder = temporaryFolder();
    await using store = await Store.open({ databaseUrl: `sqlite://${join(folder.path, 'easel.sqlite')}` });
    if (store.backend.kind !== 'sqlite') throw new Error(store.backend.kind);
    const [mode] = store.backend.database.prepare('PRAGMA synchronous').raw().get() as number[];
    // FULL: SQLite documentation, "PRAGMA synchronous".
    expect(mode).toBe(2);
  });

  const folder = temporaryFolder();
  afterAll(() => folder[Symbol.dispose]());
  const databaseUrl = `sqlite://${join(folder.path, 'deep/er', 'easel.sqlite')}`;
  conformance(() => Store.open({ databaseUrl }));

  test('another connection sees what was written, and what was written outlives the first', async () => {
    const url = { databaseUrl: `sqlite://${join(folder.path, 'two.sqlite')}` };
    const first = await Store.open(url);
    await first.namespace('jobs').set('job', 1);
    await using second = await Store.open(url);
    expect(await second.namespace('jobs').get('job')).toBe(1);
    await first.close();
    await second.namespace('jobs').set('job', 2);
    await using third = await Store.open(url);
    expect(await third.namespace('jobs').get('job')).toBe(2);
  });

  test('a row that expired is deleted when it is asked for or its namespace is walked, and is left out', async () => {
    let now = 1000;
    const database = new Database(':memory:');
    const adapter = new KeyvLibsql(database, new GroupCommit(database), 'jobs', () => now);
    await adapter.set('a', '1', 50);
    await adapter.set('b', '2');
    await adapter.set('c', '3', 60);
    now = 1050;
    expect(await adapter.get('a')).toBeUndefined();
    const rows = () => database.prepare('SELECT key FROM easel').all();
    expect(rows()).toMatchObject([{ key: 'b' }, { key: 'c' }]);
    now = 1060;
    const seen = [];
    for await (const entry of adapter.iterator()) seen.push(entry);
    expect(seen).toEqual([['b', '2']]);
    expect(rows()).toMatchObject([{ key: 'b' }]);
    database.close();
  });

  /** Allows no more pages than exist, so that SQLite fails as on a full disk. */
  const fill = ({ backend }: Store) => {
    if (backend.kind !== 'sqlite') throw new Error('not SQLite');
    backend.database.exec('PRAGMA max_page_count = 1');
  };
  const large = 'x'.repeat(100_000);

  test('a full disk is reported as such, by every write and by the limits', async () => {
    await using store = await Store.open({ databaseUrl: `sqlite://${join(folder.path, 'full.sqlite')}` });
    const limits = await Limits.open(store, { userPerHour: 1e6, guildPerHour: 1e6 });
    fill(store);
    const full = /full\.sqlite\) fails: .*full/;
    await expect(store.namespace('jobs').set('job', large)).rejects.toThrow(full);
    await expect(store.namespace('jobs').set('job', large)).rejects.toBeInstanceOf(StoreError);
    const taking = async () => {
      for (let k = 0; k < 1000; k++) await limits.take({ userId: `user${k}${large}`, guildId: null, pictures: 1 });
    };
    await expect(taking()).rejects.toThrow(full);
  });

  test('deleted data is in no file any more, even if an earlier version left it there', async () => {
    const path = join(folder.path, 'deleted.sqlite');
    const old = new Database(path);
    old.exec('PRAGMA journal_mode = WAL; PRAGMA secure_delete = OFF');
    const before = new KeyvLibsql(old, new GroupCommit(old), 'results');
    for (let k = 0; k < 200; k++) await before.set(`old${k}`, `a private lighthouse ${'x'.repeat(900)}`);
    await before.clear();
    old.close();
    const found = () =>
      readdirSync(folder.path).filter(
        (name) => name.startsWith('deleted') && readFileSync(join(folder.path, name)).includes('a private lighthouse'),
      );
    expect(found()).not.toEqual([]);

    await using store = await Store.open({ databaseUrl: `sqlite://${path}` });
    await store.scrub();
    expect(found()).toEqual([]);
    const results = store.namespace('results');
    // Pages are split and merged by later writes, which leaves copies that overwriting deleted data does not reach.
    const random = new TorchGenerator(1).randn(3000);
    const keys = Array.from(random, (value, k) => `${value}-${k}`);
    for (const [k, key] of keys.entries()) {
      await results.set(key, k % 3 === 0 ? `a private lighthouse ${'x'.repeat(500 + k / 10)}` : 'y'.repeat(k % 700));
    }
    for (const [k, key] of keys.entries()) if (k % 3 === 0) await results.delete(key);
    await store.scrub();
    expect(found()).toEqual([]);
    expect(await results.get(keys[1]!)).toBe('y');
  });

  test('a path that cannot be written is named', async () => {
    await expect(Store.open({ databaseUrl: 'sqlite:///dev/null/easel.sqlite' })).rejects.toThrow(
      /\/dev\/null\/easel.sqlite.*DATABASE_URL/,
    );
  });
});

describe.skipIf(!hasCommand('redis-server'))('Redis', () => {
  let redis: Server;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.stop());
  conformance(() => Store.open({ databaseUrl: redis.url }));

  test('every call reports a lost server, and works again when it is back', async () => {
    const own = await startRedis();
    await using store = await Store.open({ databaseUrl: own.url });
    const jobs = store.namespace('jobs');
    await jobs.set('job', 1);
    await own.stop();
    await expect(jobs.set('job', 2)).rejects.toBeInstanceOf(StoreError);
    await expect(jobs.get('job')).rejects.toBeInstanceOf(StoreError);
    await expect(store.ping()).rejects.toBeInstanceOf(StoreError);
    const again = await startRedis(own.port);
    await expect.poll(() => jobs.set('job', 3).catch(() => false)).toBe(true);
    expect(await jobs.get('job')).toBe(3);
    await again.stop();
  });

  test('a server that stops answering is given up in time', async () => {
    const own = await startRedis();
    await using store = await Store.open({ databaseUrl: own.url });
    own.freeze();
    await expect(store.namespace('jobs').set('job', 1)).rejects.toThrow(/no answer within/);
    await expect(scan(store.namespace('jobs')).next()).rejects.toBeInstanceOf(StoreError);
    await own.stop();
  });

  test('a server that is not there is named, without its password', async () => {
    const port = await freePort();
    const opening = Store.open({ databaseUrl: `redis://:hunter2@127.0.0.1:${port}` });
    await expect(opening).rejects.toThrow(new RegExp(`redis at 127.0.0.1:${port}.*DATABASE_URL`));
    await opening.catch((error) => expect(error.message).not.toContain('hunter2'));
  });
});

describe.skipIf(!postgresPrograms)('PostgreSQL', () => {
  let postgres: Server;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());
  conformance(() => Store.open({ databaseUrl: postgres.url }));

  test('every call reports a lost server, and nothing crashes', async () => {
    const own = await startPostgres();
    await using store = await Store.open({ databaseUrl: own.url });
    await store.namespace('jobs').set('job', 1);
    await own.stop();
    await expect(store.namespace('jobs').get('job')).rejects.toBeInstanceOf(StoreError);
    await expect(store.ping()).rejects.toBeInstanceOf(StoreError);
  });

  test('a locked table, and a server that stops answering, are given up in time', async () => {
    await using store = await Store.open({ databaseUrl: postgres.url });
    const limits = await Limits.open(store, { userPerHour: 9, guildPerHour: 9 });
    const other = new pg.Client(postgres.url);
    await other.connect();
    await other.query('BEGIN; LOCK TABLE easel_settings, easel_limits IN ACCESS EXCLUSIVE MODE');
    const settings = store.namespace('settings');
    // More calls than connections: waiting for one counts towards the limit too.
    const calls = Array.from({ length: 15 }, () => settings.get('guild'));
    const walk = async () => {
      for await (const _ of scan(settings));
    };
    const wish = { userId: 'u', guildId: null, pictures: 1 };
    const ended = await Promise.allSettled([...calls, settings.set('guild', 1), walk(), limits.take(wish)]);
    for (const end of ended) expect(end).toMatchObject({ status: 'rejected', reason: { name: 'StoreError' } });
    await expect(settings.get('guild')).rejects.toThrow(/lock timeout/);
    await store.ping();
    await other.query('ROLLBACK');
    await settings.set('guild', 1);
    await other.query('BEGIN; LOCK TABLE easel_settings IN ACCESS EXCLUSIVE MODE');
    await other.end();
    expect(await settings.get('guild')).toBe(1);
    postgres.freeze();
    await expect(settings.get('guild')).rejects.toBeInstanceOf(StoreError);
    postgres.thaw();
    await expect.poll(() => settings.get('guild').catch(() => null)).toBe(1);
  });

  test('a server without a free connection is reported at the start', async () => {
    const all: pg.Client[] = [];
    const more = async () => {
      const client = new pg.Client(postgres.url);
      client.on('error', () => {});
      await client.connect();
      all.push(client);
    };
    while (
      await more().then(
        () => true,
        () => false,
      )
    );
    await expect(Store.open({ databaseUrl: postgres.url })).rejects.toThrow(
      /^The store \(postgres at 127.0.0.1:\d+\) cannot be opened: .*(too many clients|connection slots).* Check DATABASE_URL/,
    );
    await Promise.all(all.map((client) => client.end()));
    await expect.poll(() => opens()).toBe(true);
    async function opens() {
      try {
        await using store = await Store.open({ databaseUrl: postgres.url });
        await store.namespace('jobs').set('job', 1);
        return true;
      } catch {
        return false;
      }
    }
  });
});
