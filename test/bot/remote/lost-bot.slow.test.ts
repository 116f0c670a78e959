import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aJob } from '../request.js';
import { BadNetwork } from './bad-network.js';
import { Bench, type Talker } from './harness.js';
import { OwnRedis } from './redis.js';

// The bot killed at every point between a request and the end of its delivery: one outcome, painted once.

/** By job and nonce: Discord shows two messages with the same nonce once. */
const messages = (dataDir: string) => new Set(readFileSync(join(dataDir, 'delivered.log'), 'utf8').trim().split('\n'));
const beginnings = (painters: Talker[], id: string) =>
  painters.reduce((sum, painter) => sum + painter.count(new RegExp(`^begun ${id}`)), 0);

test('killed between the store and Redis: the job is handed out by the next bot', async () => {
  await using redis = await OwnRedis.start();
  await using network = await BadNetwork.before(redis.port);
  await using bench = new Bench();
  const dataDir = bench.folder();
  const painter = await bench.painter(redis.url);
  const job = aJob();
  network.cut();
  const first = bench.botProcess({ url: network.url, dataDir, jobs: [job] });
  await first.said(/^ready/);
  await first.kill();
  const second = bench.botProcess({ url: redis.url, dataDir });
  await second.said(new RegExp(`^removed ${job.id}`));
  expect([...messages(dataDir)]).toEqual([`${job.id} painted ${job.id}`]);
  expect(beginnings([painter], job.id)).toBe(1);
});

test('killed while a job is painted: the next bot is attached to it, and it is not painted again', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const dataDir = bench.folder();
  const painters = [await bench.painter(redis.url, { names: ['a'] }), await bench.painter(redis.url, { names: ['b'] })];
  const jobs = [aJob({}, { prompt: 'ms=4000' }), aJob({ guildId: '2' }, { prompt: 'ms=4000' }), aJob({ guildId: '2' })];
  const first = bench.botProcess({ url: redis.url, dataDir, jobs });
  await Promise.all(painters.map((painter) => painter.said(/^begun/)));
  await first.kill();
  const second = bench.botProcess({ url: redis.url, dataDir });
  for (const { id } of jobs) await second.said(new RegExp(`^removed ${id}`));
  expect([...messages(dataDir)].sort()).toEqual(jobs.map(({ id }) => `${id} painted ${id}`).sort());
  for (const { id } of jobs) expect(beginnings(painters, id)).toBe(1);
});

test.each(['ab', 'ba'])(
  'killed while one of two painters has a job, in the order %s: the other gets what comes next, at once',
  async (names) => {
    await using redis = await OwnRedis.start();
    await using bench = new Bench();
    const dataDir = bench.folder();
    const [busy, free] = [...names] as [string, string];
    const painter = await bench.painter(redis.url, { names: [busy] });
    const [long, next] = [aJob({}, { prompt: 'ms=60000' }), aJob({ guildId: '2' })];
    const first = bench.botProcess({ url: redis.url, dataDir, jobs: [long] });
    await painter.said(/^begun/);
    await bench.painter(redis.url, { names: [free] });
    await first.kill();
    const second = bench.botProcess({ url: redis.url, dataDir, jobs: [next] });
    await second.said(new RegExp(`^removed ${next.id}`));
    expect(second.count(/^removed/)).toBe(1);
    expect(beginnings([painter], long.id)).toBe(1);
  },
);

test('killed while one of many painters has the job: whichever the next bot would take, it is not painted again', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const dataDir = bench.folder();
  const painter = await bench.painter(redis.url, { names: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] });
  const jobs = [aJob({}, { prompt: 'ms=5000' }), aJob({}, { prompt: 'ms=5000' })];
  const first = bench.botProcess({ url: redis.url, dataDir, jobs });
  for (const { id } of jobs) await painter.said(new RegExp(`^begun ${id}`));
  await first.kill();
  const second = bench.botProcess({ url: redis.url, dataDir });
  for (const { id } of jobs) await second.said(new RegExp(`^removed ${id}`));
  expect(jobs.map(({ id }) => beginnings([painter], id))).toEqual([1, 1]);
});

test('killed while a picture is finished without it: the next bot finds the outcome in Redis', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const dataDir = bench.folder();
  const painter = await bench.painter(redis.url);
  const job = aJob({}, { prompt: 'ms=2000 bytes=5000' });
  const first = bench.botProcess({ url: redis.url, dataDir, jobs: [job] });
  await painter.said(/^begun/);
  await first.kill();
  await painter.said(/^painted/);
  await expect.poll(() => redis.keys('easel:outcome:*')).toEqual([`easel:outcome:${job.id}`]);
  const second = bench.botProcess({ url: redis.url, dataDir });
  await second.said(new RegExp(`^removed ${job.id}`));
  expect([...messages(dataDir)]).toEqual([`${job.id} painted ${job.id}`]);
  expect(beginnings([painter], job.id)).toBe(1);
});

test.each(['before', 'after'])(
  'killed %s the delivery is known: one message, and nothing is painted again',
  async (hangs) => {
    await using redis = await OwnRedis.start();
    await using bench = new Bench();
    const dataDir = bench.folder();
    const painter = await bench.painter(redis.url);
    const job = aJob({}, { prompt: 'bytes=5000' });
    const first = bench.botProcess({ url: redis.url, dataDir, jobs: [job], hangs });
    if (hangs === 'after') await first.said(/^delivered/);
    else await painter.said(/^painted/);
    await first.kill();
    const second = bench.botProcess({ url: redis.url, dataDir });
    await second.said(new RegExp(`^removed ${job.id}`));
    expect([...messages(dataDir)]).toEqual([`${job.id} painted ${job.id}`]);
    expect(beginnings([painter], job.id)).toBe(1);
    // The pictures are gone, and that it was delivered is forgotten soon.
    await expect.poll(() => ['picture', 'outcome', 'at'].flatMap((what) => redis.keys(`easel:${what}:*`))).toEqual([]);
  },
);
