import { createClient } from '@keyv/redis';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Holder } from '../../../src/bot/leader/holder.js';
import { Leader } from '../../../src/bot/leader/leader.js';
import { leaseOn } from '../../../src/bot/leader/lease-on.js';
import { Store } from '../../../src/bot/storage/store.js';
import { LossyProxy } from '../lossy-proxy.js';
import { postgresPrograms, startPostgres } from '../postgres.js';
import { hasCommand, type Server, startRedis } from '../servers.js';

// The lock that decides which bot works, on real servers. Times are a tenth of the real ones.

const TIMES = { lease: 1000, renew: 250, look: 50 };
const KINDS: [string, boolean, () => Promise<Server>][] = [
  ['Redis', hasCommand('redis-server'), () => startRedis()],
  ['PostgreSQL', postgresPrograms !== null, startPostgres],
];

describe.each(KINDS.filter(([, isThere]) => isThere))('on %s', (kind, _, start) => {
  let server: Server;
  const opened: { store: Store; leader?: Leader }[] = [];
  beforeAll(async () => {
    server = await start();
  });
  afterEach(async () => {
    for (const { store, leader } of opened.splice(0)) {
      await leader?.release();
      await store.close();
    }
  });
  afterAll(() => server.stop());

  /** A bot that waits for the lock. */
  async function bot(name: string, { folder = 'shared', url = server.url } = {}) {
    const store = await Store.open({ databaseUrl: url });
    const one: { store: Store; leader?: Leader; waitedFor: string[] } = { store, waitedFor: [] };
    opened.push(one);
    const holder: Holder = { host: name, pid: 1, id: name, folder };
    const log = pino({ level: 'silent' });
    const { backend, where } = store;
    const options = { lease: leaseOn(backend), holder, where, log, times: TIMES };
    const leads = Leader.wait(options, (leader) => one.waitedFor.push(leader)).then((leader) => {
      one.leader = leader;
      return leader;
    });
    return { ...one, leads, waitedFor: one.waitedFor };
  }

  test('of many that start at once, one leads; the others follow one by one, each with a greater epoch', async () => {
    const bots = await Promise.all(Array.from({ length: 6 }, (_, k) => bot(`bot${k}`)));
    const epochs: number[] = [];
    const left = new Set(bots);
    while (left.size > 0) {
      const [one, leader] = await Promise.race([...left].map(async (each) => [each, await each.leads] as const));
      left.delete(one);
      epochs.push(leader.epoch);
      expect(leader.leads).toBe(true);
      await leader.confirm();
      await leader.release();
      expect(leader.leads).toBe(false);
    }
    expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
    expect(new Set(epochs).size).toBe(6);
  });

  test('a leader that renews keeps the lock for longer than its time', async () => {
    const first = await bot('first');
    const leader = await first.leads;
    const second = await bot('second');
    await expect.poll(() => second.waitedFor).toEqual(['first, process 1']);
    const followed = await Promise.race([second.leads.then(() => true), passed(2.5 * TIMES.lease)]);
    expect([followed, leader.leads]).toEqual([false, true]);
    await leader.release();
    expect((await second.leads).epoch).toBe(leader.epoch + 1);
  });

  test('a leader that is cut off from the store ends when its time is up, before the next begins', async () => {
    await using proxy = await LossyProxy.before(server.port);
    const url = new URL(server.url);
    url.port = String(proxy.port);
    const cut = await (await bot('cut', { url: url.href })).leads;
    const second = await bot('second');
    await expect.poll(() => second.waitedFor.length).toBe(1);
    await proxy.away();
    const ended = cut.lost.then((error) => ({ error, led: second.waitedFor.length }));
    const next = second.leads.then((leader) => ({ leader, other: cut.leads }));
    expect((await next).other).toBe(false);
    expect((await ended).error.message).toMatch(/did not answer for 1 seconds.*nothing is sent twice/);
    expect(cut.assert).toThrow('Another bot may lead now.');
    await expect(cut.confirm()).rejects.toThrow('Another bot leads now.');
    await proxy.back();
  });

  test('a store that was away for longer than that, for both: somebody leads when it is back', async () => {
    const first = await bot('first');
    const leader = await first.leads;
    const second = await bot('second');
    server.freeze();
    const sentence = (await leader.lost).message;
    expect(sentence).toMatch(new RegExp(`${kind === 'Redis' ? 'redis' : 'postgres'} at .* did not answer`));
    server.thaw();
    expect((await second.leads).leads).toBe(true);
  });

  test('a leader whose lock another took is told so, and can neither renew nor release it', async () => {
    const first = await bot('first');
    const leader = await first.leads;
    const lease = leaseOn(first.store.backend);
    await lease.release(JSON.stringify({ host: 'first', pid: 1, id: 'first', folder: 'shared' }), leader.epoch);
    const second = await (await bot('second')).leads;
    await expect(leader.confirm()).rejects.toThrow('Another bot leads now.');
    expect((await leader.lost).message).toContain('Another bot leads now');
    await leader.release();
    await second.confirm();
    expect(second.leads).toBe(true);
  });

  test('a lock that ran out, but that nobody took, is kept', async () => {
    const first = await bot('first');
    const leader = await first.leads;
    server.freeze();
    await passed(TIMES.lease + 200);
    expect(leader.leads).toBe(false);
    server.thaw();
    await expect.poll(() => leader.leads).toBe(true);
  });

  test('work is handed out when it is certain who leads, and not before', async () => {
    const leader = await (await bot('first')).leads;
    server.freeze();
    const handed = leader.certainty(new AbortController().signal).then(() => true);
    expect(await Promise.race([handed, passed(500)])).toBe(false);
    server.thaw();
    expect(await handed).toBe(true);
    const end = new AbortController();
    server.freeze();
    const never = leader.certainty(end.signal);
    end.abort();
    await expect(never).rejects.toThrow();
    server.thaw();
  });

  test('a bot with another DATA_DIR is refused', async () => {
    await (await bot('first')).leads;
    const other = await bot('second', { folder: 'elsewhere' });
    await expect(other.leads).rejects.toThrow(/first, process 1.* has another DATA_DIR/);
  });
});

test.skipIf(!hasCommand('redis-server'))('a leader of a Redis that was emptied ends', async () => {
  const server = await startRedis();
  const store = await Store.open({ databaseUrl: server.url });
  const holder = { host: 'a', pid: 1, id: 'a', folder: 'f' };
  const log = pino({ level: 'silent' });
  const { backend, where } = store;
  const leader = await Leader.wait({ lease: leaseOn(backend), holder, where, log, times: TIMES });
  const client = createClient({ url: server.url });
  await client.connect();
  await client.sendCommand(['FLUSHALL']);
  client.destroy();
  expect((await leader.lost).message).toContain('Another bot leads now');
  await store.close();
  await server.stop();
});

function passed(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), milliseconds));
}
