import pino from 'pino';
import { expect, test } from 'vitest';
import { KEYS } from '../../../src/bot/remote/keys.js';
import { Link } from '../../../src/bot/remote/link.js';
import { type Brought, bring } from '../../../src/bot/remote/pictures.js';
import { Bench, FAST } from './harness.js';
import { OwnRedis } from './redis.js';

const painted = (by: string): Brought => {
  const picture = { png: new TextEncoder().encode(by), width: 1, height: 1, seed: 1, flagged: false };
  return { kind: 'painted', by, painted: { pictures: [picture, picture], notices: [] } };
};

test('of two painters that finish the same job, the first wins, and nothing is left of the other; brought again, it changes nothing', async () => {
  await using redis = await OwnRedis.start();
  await using link = await Link.open(redis.url, { times: FAST, log: pino({ level: 'silent' }), waits: true });
  await bring(link, FAST, 'job', 'job-1', painted('second try'));
  await bring(link, FAST, 'job', 'job-0', painted('frozen'));
  await bring(link, FAST, 'job', 'job-1', painted('second try'));
  expect(redis.keys().sort()).toEqual([KEYS.outcome('job'), KEYS.picture('job-1', 0), KEYS.picture('job-1', 1)].sort());
  expect(redis.ask('GET', KEYS.outcome('job'))).toContain('second try');
  expect(redis.ask('GET', KEYS.picture('job-1', 0))).toBe('second try');
  expect(Number(redis.ask('PTTL', KEYS.picture('job-1', 1)))).toBeGreaterThan(0);
});

test('what comes for a job that was delivered is dropped', async () => {
  await using redis = await OwnRedis.start();
  await using link = await Link.open(redis.url, { times: FAST, log: pino({ level: 'silent' }), waits: true });
  redis.ask('SET', KEYS.outcome('job'), JSON.stringify({ kind: 'gone' }));
  await bring(link, FAST, 'job', 'job-0', painted('late'));
  expect(redis.keys()).toEqual([KEYS.outcome('job')]);
});

test('nothing is kept of what comes for a job that failed, and had no outcome', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const { painters } = await bench.bot(redis.url);
  await painters.forget('job');
  await using link = await Link.open(redis.url, { times: FAST, log: pino({ level: 'silent' }), waits: true });
  await bring(link, FAST, 'job', 'job-1', painted('late'));
  expect(redis.keys('easel:picture:*')).toEqual([]);
  await expect.poll(() => redis.keys('easel:outcome:*')).toEqual([]);
});

test('whichever comes first, the end of a job or a late outcome, no picture is left', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const { painters } = await bench.bot(redis.url);
  await using link = await Link.open(redis.url, { times: FAST, log: pino({ level: 'silent' }), waits: true });
  for (let n = 0; n < 200; n += 1) {
    await Promise.all([painters.forget(`job${n}`), bring(link, FAST, `job${n}`, `job${n}-0`, painted('late'))]);
  }
  expect(redis.keys('easel:picture:*')).toEqual([]);
});
