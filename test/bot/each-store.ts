import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { Store } from '../../src/bot/storage/store.js';
import { postgresPrograms, startPostgres } from './postgres.js';
import { hasCommand, type Server, startRedis } from './servers.js';

/** Opens the store under test. Only SQLite's lies in the folder; a server's data outlives it. */
export type OpenStore = (folder: string) => Promise<Store>;

/** Declares the same tests for each kind of store: SQLite, and real servers of Redis and PostgreSQL where they are installed. */
export function onEachStore(tests: (open: OpenStore) => void): void {
  describe('SQLite', () => {
    tests((folder) => Store.open({ databaseUrl: `sqlite://${join(folder, 'easel.sqlite')}` }));
  });
  describe.skipIf(!hasCommand('redis-server'))('Redis', () => onServer(startRedis, tests));
  describe.skipIf(!postgresPrograms)('PostgreSQL', () => onServer(startPostgres, tests));
}

function onServer(start: () => Promise<Server>, tests: (open: OpenStore) => void): void {
  let server: Server;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.stop());
  tests(() => Store.open({ databaseUrl: server.url }));
}
