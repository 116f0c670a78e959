import { expect, test } from 'vitest';
import { aJob } from '../request.js';
import { Bench, FAST, kinds } from './harness.js';
import { OwnRedis } from './redis.js';

// Redis restarted, emptied and full.

test('Redis restarted with its journal: both sides come back by themselves, and a picture finished meanwhile comes late', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const times = { ...FAST, lock: 10_000 };
  const bot = await bench.bot(redis.url, { times });
  const painter = await bench.painter(redis.url, { times });
  const job = aJob({}, { prompt: 'ms=3000 bytes=50000' });
  await bot.jobs.submit(job);
  await painter.said(/^begun/);
  await redis.stop();
  await painter.said(/^painted/);
  await expect.poll(() => bot.painters.problem).toMatch(/cannot be reached/);
  expect(bot.painters.all).toEqual([]);
  // What comes meanwhile waits.
  const late = aJob();
  await bot.jobs.submit(late);
  expect(bot.delivered).toEqual([]);
  await painter.said(/they are kept here until it does/);
  await redis.startAgain();
  await expect
    .poll(() => Object.fromEntries(bot.delivered.map(({ id, outcome }) => [id, outcome.kind])))
    .toEqual({ [job.id]: 'painted', [late.id]: 'painted' });
  expect(bot.delivered).toHaveLength(2);
  expect(painter.count(new RegExp(`^begun ${job.id}`))).toBe(1);
  expect(bot.painters.problem).toBeNull();
});

test('Redis emptied in the middle of a job: the same job is handed out again, and delivered once', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const painter = await bench.painter(redis.url);
  const job = aJob({}, { prompt: 'ms=3000' });
  await bot.jobs.submit(job);
  await painter.said(/^begun/);
  redis.ask('FLUSHALL');
  await painter.said(/the lock on a job is lost/);
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  expect(painter.count(/^painted/)).toBe(1);
  await bot.jobs.submit(aJob());
  await expect.poll(() => kinds(bot)).toEqual(['painted', 'painted']);
});

test.each([
  ['of another version', { kind: 'film', attempt: 'x' }],
  ['whose parcel is damaged', { kind: 'painted', attempt: 'x', by: 'attic', painted: '{"pictures":', pictures: 0 }],
  ['whose parcel has no pictures', { kind: 'painted', attempt: 'x', by: 'attic', painted: 'null', pictures: 0 }],
  ['whose pictures are gone', { kind: 'painted', attempt: 'x', by: 'attic', painted: '{"bytes":0}', pictures: 1 }],
])('an outcome %s: the job is painted', async (_, outcome) => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const painter = await bench.painter(redis.url);
  const job = aJob();
  redis.ask('SET', `easel:outcome:${job.id}`, JSON.stringify(outcome));
  await bot.jobs.submit(job);
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  expect(painter.count(/^begun/)).toBe(1);
});

test('Redis full: jobs stay in the fair queue and the bot says so; what was painted is kept until there is room', async () => {
  await using redis = await OwnRedis.start({ settings: ['--maxmemory', '40mb', '--maxmemory-policy', 'noeviction'] });
  await using bench = new Bench();
  const times = { ...FAST, lock: 20_000 };
  const bot = await bench.bot(redis.url, { times });
  const painter = await bench.painter(redis.url, { times });
  const [running, waiting] = [aJob({}, { prompt: 'ms=3000 bytes=200000' }), aJob()];
  await bot.jobs.submit(running);
  await painter.said(/^begun/);
  redis.ask('CONFIG', 'SET', 'maxmemory', '1mb');
  await bot.jobs.submit(waiting);
  await expect.poll(() => bot.painters.problem).toMatch(/is full or cannot write/);
  await painter.said(/they are kept here until it does/);
  expect(bot.lines.filter((line) => line.includes('jobs wait until it works again'))).toHaveLength(1);
  expect(bot.jobs.list().map(({ id, attempts }) => [id, attempts])).toEqual([
    [running.id, 0],
    [waiting.id, 0],
  ]);
  redis.ask('CONFIG', 'SET', 'maxmemory', '40mb');
  await expect.poll(() => kinds(bot)).toEqual(['painted', 'painted']);
  expect(painter.count(/^begun/)).toBe(2);
  expect(bot.painters.problem).toBeNull();
});

test('an outcome that a painter could not bring before it was stopped is brought at its next start', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const dataDir = bench.folder();
  const first = await bench.painter(redis.url, { dataDir });
  await bot.jobs.submit(aJob({}, { prompt: 'ms=3000 bytes=5000' }));
  await first.said(/^begun/);
  await redis.stop();
  await first.said(/they are kept here until it does/);
  await first.kill();
  await redis.startAgain();
  const again = await bench.painter(redis.url, { dataDir });
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  expect(again.count(/^begun/)).toBe(0);
});

test('Redis without a journal, or that drops keys when it is full: both sides say so', async () => {
  const settings = ['--appendonly', 'no', '--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'];
  await using redis = await OwnRedis.start({ settings });
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const painter = await bench.painter(redis.url);
  for (const what of [/set \\"appendonly yes\\"/, /set \\"maxmemory-policy noeviction\\"/]) {
    expect(bot.lines.join('\n')).toMatch(what);
    await painter.said(what);
  }
});

test('a bot and a painter that start before Redis wait for it', async () => {
  await using redis = await OwnRedis.start();
  await redis.stop();
  await using bench = new Bench();
  const painter = bench.painterStarting(redis.url);
  const bot = await bench.bot(redis.url);
  await bot.jobs.submit(aJob());
  expect(bot.painters.problem).toMatch(/cannot be reached/);
  await redis.startAgain();
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  expect(painter.count(/^ready/)).toBe(1);
});
