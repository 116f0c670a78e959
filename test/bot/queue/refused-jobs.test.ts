import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Jobs } from '../../../src/bot/queue/jobs.js';
import { Outcomes } from '../../../src/bot/queue/outcomes.js';
import type { Job, Outcome } from '../../../src/bot/request/job.js';
import { Pictures } from '../../../src/bot/storage/pictures.js';
import { Store } from '../../../src/bot/storage/store.js';
import { LossyProxy } from '../lossy-proxy.js';
import { FixedPainters, noInspectors } from '../painter/fixed-painters.js';
import { aJob } from '../request.js';
import { hasCommand, type Server, startRedis, temporaryFolder } from '../servers.js';

const log = pino({ level: 'silent' });
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
);
const outcome = {
  kind: 'painted' as const,
  pictures: [{ png, width: 1, height: 1, seed: 1, flagged: false }],
  notices: [],
} satisfies Outcome;

/** A queue with a painter that paints one pixel, to see whether it is called. */
async function open(dataDir: string, databaseUrl: string) {
  const store = await Store.open({ databaseUrl });
  const pictures = await Pictures.open(join(dataDir, 'pictures'), 1e9);
  const painted: Job['request'][] = [];
  const paint = async (request: Job['request']) => {
    painted.push(request);
    return { pictures: [{ ...outcome.pictures[0]! }], notices: [] };
  };
  const config = { dataDir, userQueue: 10, guildQueue: 10 };
  const painters = new FixedPainters({ name: 'p', host: 'h', paint });
  const jobs = await Jobs.open({ config, store, painters, inspectors: noInspectors, pictures, log });
  const close = async () => {
    await jobs.shutdown(0);
    await store.close();
  };
  return { jobs, store, painted, [Symbol.asyncDispose]: close };
}

describe.skipIf(!hasCommand('redis-server'))('a job whose store took it, and whose answer was lost', () => {
  let redis: Server;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  async function refused(dataDir: string, job: Job, then: (bot: Awaited<ReturnType<typeof open>>) => Promise<void>) {
    await using proxy = await LossyProxy.before(redis.port);
    await using bot = await open(dataDir, `redis://127.0.0.1:${proxy.port}`);
    proxy.lose();
    await expect(bot.jobs.submit(job)).rejects.toMatchObject({ key: 'store' });
    await using direct = await Store.open({ databaseUrl: redis.url });
    expect(await direct.namespace('jobs').has(job.id)).toBe(true);
    expect(bot.jobs.list()).toEqual([]);
    proxy.work();
    await then(bot);
  }

  test('is refused, and leaves the store as soon as that is back', async () => {
    using folder = temporaryFolder();
    const job = aJob();
    await refused(folder.path, job, async () => {
      await using direct = await Store.open({ databaseUrl: redis.url });
      await expect.poll(() => direct.namespace('jobs').has(job.id)).toBe(false);
    });
  });

  test('is not painted after a restart in between either', async () => {
    using folder = temporaryFolder();
    const job = aJob();
    await refused(folder.path, job, async ({ jobs }) => jobs.shutdown(0));
    await using again = await open(folder.path, redis.url);
    again.jobs.start(async () => {});
    expect(again.jobs.list()).toEqual([]);
    await expect.poll(() => again.store.namespace('jobs').has(job.id)).toBe(false);
    expect(again.painted).toEqual([]);
    await expect.poll(async () => (await Outcomes.open(join(folder.path, 'outcomes'))).list()).toEqual([]);
  });
});

test('a job whose picture was lost in a power cut is painted again, not delivered as flagged', async () => {
  using folder = temporaryFolder();
  const databaseUrl = `sqlite://${join(folder.path, 'easel.sqlite')}`;
  const job = aJob();
  {
    await using store = await Store.open({ databaseUrl });
    await store.namespace('jobs').set(job.id, job);
    await (await Outcomes.open(join(folder.path, 'outcomes'))).save(job.id, outcome);
    writeFileSync(join(folder.path, 'outcomes', job.id, '0.png'), '');
  }
  await using bot = await open(folder.path, databaseUrl);
  const delivered: Outcome[] = [];
  bot.jobs.start(async (_, what) => void delivered.push(what));
  await expect.poll(() => delivered.length).toBe(1);
  expect(bot.painted).toHaveLength(1);
  expect(delivered[0]).toMatchObject({ kind: 'painted', pictures: [{ png }] });
});
