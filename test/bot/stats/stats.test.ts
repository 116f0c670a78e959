import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stats } from '../../../src/bot/stats/stats.js';
import { Store } from '../../../src/bot/storage/store.js';
import { aJob } from '../request.js';
import { temporaryFolder } from '../servers.js';

const folder = temporaryFolder();
let store: Store;
beforeAll(async () => {
  store = await Store.open({ databaseUrl: `sqlite://${join(folder.path, 'easel.sqlite')}` });
});
afterAll(async () => {
  await store.close();
  folder[Symbol.dispose]();
});

test('many jobs that end at once are all counted', async () => {
  const stats = new Stats(store.namespace('stats'), { warn: () => {} });
  const one = aJob();
  for (let n = 0; n < 50; n++) stats.painted(one, 1, 2);
  await stats.settled();
  const { guildId, userId } = one.origin;
  expect((await stats.ofPlace(guildId, userId))!.total).toEqual({
    requests: 50,
    pictures: 50 * one.request.count,
    seconds: 50,
    cpu: 100,
  });
  expect((await stats.ofMember(guildId, userId))!.total.requests).toBe(50);
});

test('the members of one server are found, and of no other', async () => {
  const stats = new Stats(store.namespace('stats'), { warn: () => {} });
  const { origin, ...job } = aJob();
  for (const [guildId, userId] of [
    ['1', '7'],
    ['1', '8'],
    ['11', '9'],
    [null, '7'],
  ] as const) {
    stats.painted({ ...job, origin: { ...origin, guildId, userId } }, 1.5);
  }
  await stats.settled();
  const found: [string, number][] = [];
  for await (const [userId, { total }] of stats.ofMembers('1')) found.push([userId, total.seconds]);
  expect(found.sort()).toEqual([
    ['7', 1.5],
    ['8', 1.5],
  ]);
});

test('a store that cannot be written loses the count and nothing else', async () => {
  const closed = await Store.open({ databaseUrl: `sqlite://${join(folder.path, 'closed.sqlite')}` });
  const warnings: unknown[] = [];
  const stats = new Stats(closed.namespace('stats'), { warn: (...told: unknown[]) => warnings.push(told) });
  await closed.close();
  stats.painted(aJob(), 1);
  await stats.settled();
  expect(warnings).toHaveLength(1);
});
