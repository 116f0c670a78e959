import { expect, test } from 'vitest';
import { aJob } from '../request.js';
import { Bench, FAST, kinds } from './harness.js';
import { OwnRedis } from './redis.js';

// Painters on other machines that come, die, freeze and leave: nothing is lost, nothing comes twice.

test('a job goes to a painter on another machine, with progress and previews, and leaves nothing behind in Redis', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  await bench.painter(redis.url);
  await bot.jobs.submit(aJob());
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  // That it was delivered is remembered for two seconds here.
  await expect.poll(() => redis.keys('easel:outcome:*')).toEqual([]);
  const before = redis.keys().sort();
  const previews: (number | undefined)[] = [];
  bot.jobs.onProgress((_, { preview }) => previews.push(preview?.length));
  await bot.jobs.submit(aJob({}, { prompt: 'ms=1000 bytes=100000 preview=60000', count: 2 }));
  await expect.poll(() => bot.delivered.length).toBe(2);
  const { outcome } = bot.delivered[1]!;
  expect(outcome.kind === 'painted' && outcome.pictures.map(({ png }) => png?.length)).toEqual([100_000, 100_000]);
  expect(previews.length).toBeGreaterThan(1);
  expect(previews).toContain(60_000);
  await expect.poll(() => redis.keys().sort()).toEqual(before);
});

test('a preview of more than 64 KB does not travel', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  await bench.painter(redis.url);
  const previews: unknown[] = [];
  bot.jobs.onProgress((_, { preview }) => previews.push(preview));
  await bot.jobs.submit(aJob({}, { prompt: 'ms=300 preview=70000' }));
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  expect(previews.length).toBeGreaterThan(0);
  expect(new Set(previews)).toEqual(new Set([null]));
});

test('no painter: nothing is handed out and the bot says so; the first that comes paints what waited', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  await bot.jobs.submit(aJob());
  expect(bot.painters.problem).toMatch(/^no painter is connected to Redis at 127/);
  expect([bot.started, redis.keys('easel:painter-*')]).toEqual([[], []]);
  await bench.painter(redis.url);
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  expect(bot.painters.problem).toBeNull();
});

test('kill -9 of a painter: another paints the job, and nobody overtakes its member', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const first = await bench.painter(redis.url, { names: ['first'] });
  const [lost, next] = [aJob({ userId: 'u' }, { prompt: 'ms=1500' }), aJob({ userId: 'u' })];
  await bot.jobs.submit(lost);
  await first.said(new RegExp(`^begun ${lost.id}-0`));
  // It is not done before it is killed.
  await first.kill('SIGSTOP');
  await bot.jobs.submit(next);
  await first.kill();
  // While one is lost, another may have what comes next; the lost one is then the first of all.
  const behind = aJob({ userId: 'u' });
  await expect.poll(() => bot.painters.all).toEqual([]);
  await expect.poll(() => bot.jobs.list().map(({ attempts }) => attempts)).toEqual([1, 0]);
  await bot.jobs.submit(behind);
  const second = await bench.painter(redis.url, { names: ['second'] });
  await expect.poll(() => bot.delivered.map(({ id }) => id)).toEqual([lost.id, next.id, behind.id]);
  expect(second.lines.find((line) => line.startsWith('begun'))).toBe(`begun ${lost.id}-1 second`);
});

test('all painters gone in the middle of a job: it waits, and can be cancelled; what comes later is painted', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const gone = await bench.painter(redis.url);
  const job = aJob({}, { prompt: 'ms=5000' });
  await bot.jobs.submit(job);
  await gone.said(/^begun/);
  await gone.kill();
  await expect.poll(() => bot.jobs.list().map(({ attempts }) => attempts)).toEqual([1]);
  await expect.poll(() => bot.painters.problem).toMatch(/no painter is connected/);
  expect(bot.delivered).toEqual([]);
  expect(await bot.jobs.cancel(job.id)).toBe(true);
  const other = aJob({}, { prompt: 'ms=100' });
  await bot.jobs.submit(other);
  const back = await bench.painter(redis.url);
  await expect
    .poll(() => bot.delivered.map(({ id, outcome }) => [id, outcome.kind]))
    .toEqual([
      [job.id, 'cancelled'],
      [other.id, 'painted'],
    ]);
  expect(back.count(/^begun/)).toBe(1);
});

test('a painter frozen past its lease: another paints; on its return it gives up, and one outcome stays', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const frozen = await bench.painter(redis.url, { names: ['frozen'] });
  const job = aJob({}, { prompt: 'ms=5000' });
  await bot.jobs.submit(job);
  await frozen.said(/^begun/);
  await frozen.kill('SIGSTOP');
  const other = await bench.painter(redis.url, { names: ['other'] });
  await other.said(new RegExp(`^begun ${job.id}-1 other`));
  await frozen.kill('SIGCONT');
  await frozen.said(/^aborted/);
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  expect(frozen.count(/^painted/)).toBe(0);
  // It is of use again.
  await expect.poll(() => bot.painters.all.map(({ name }) => name).sort()).toEqual(['frozen', 'other']);
  await other.kill('SIGTERM');
  await bot.jobs.submit(aJob());
  await frozen.said(/^painted/);
  await expect.poll(() => kinds(bot)).toEqual(['painted', 'painted']);
});

test('a painter frozen until another machine has its name ends, and the bot knows one painter, with one job', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const frozen = await bench.painter(redis.url);
  await frozen.kill('SIGSTOP');
  await expect.poll(() => bot.painters.all).toEqual([]);
  const other = await bench.painter(redis.url);
  await other.said(/^ready attic$/);
  let [running, most] = [0, 0];
  bot.jobs.events.on('started', () => {
    most = Math.max(most, ++running);
  });
  bot.jobs.events.on('painted', () => running--);
  const jobs = Array.from({ length: 5 }, (_, k) => aJob({ guildId: String(k) }, { prompt: 'ms=1000' }));
  for (const job of jobs) await bot.jobs.submit(job);
  await frozen.kill('SIGCONT');
  expect(await frozen.said(/^lost/)).toMatch(/Another painter is called attic now/);
  await frozen.ended();
  await expect.poll(() => kinds(bot)).toEqual(jobs.map(() => 'painted'));
  expect(most).toBe(1);
  expect(bot.painters.all.map(({ name }) => name)).toEqual(['attic']);
});

test('SIGTERM of a painter: its job is first in line, at once, and no attempt is used', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const painters = [await bench.painter(redis.url, { names: ['a'] }), await bench.painter(redis.url, { names: ['b'] })];
  const [job, behind] = [aJob({ userId: 'u' }, { prompt: 'ms=6000' }), aJob({ userId: 'u' }, { prompt: 'ms=100' })];
  await expect.poll(() => bot.painters.all.length).toBe(2);
  await bot.jobs.submit(job);
  const begun = new RegExp(`^begun ${job.id}-0`);
  const leaves = await Promise.any(painters.map((one) => one.said(begun).then(() => one)));
  const stays = painters.find((one) => one !== leaves)!;
  await bot.jobs.submit(behind);
  await stays.said(new RegExp(`^painted ${behind.id}-0`));
  await leaves.kill('SIGTERM');
  // Not after a lease, and as the same attempt.
  await stays.said(begun);
  expect(leaves.exitCode).toBe(0);
  await expect.poll(() => kinds(bot)).toEqual(['painted', 'painted']);
  expect(redis.keys('easel:slot:*')).toHaveLength(1);
});

test('a job that kills painters is begun twice in all; then its author is told, and the others are painted', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const painters = await Promise.all(['a', 'b', 'c'].map((name) => bench.painter(redis.url, { names: [name] })));
  const deadly = aJob({ guildId: '1' }, { prompt: 'kills' });
  await bot.jobs.submit(deadly);
  for (let k = 0; k < 3; k++) await bot.jobs.submit(aJob({ guildId: '2' }, { prompt: 'ms=50' }));
  await expect.poll(() => bot.delivered.length).toBe(4);
  expect(bot.delivered.filter(({ outcome }) => outcome.kind === 'failed').map(({ id }) => id)).toEqual([deadly.id]);
  expect(painters.filter(({ over }) => over)).toHaveLength(2);
});

test('a painter process that dies inside its machine: the job is tried once more, at once', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const painter = await bench.painter(redis.url, { names: ['x', 'y'] });
  const deadly = aJob({}, { prompt: 'dies' });
  await bot.jobs.submit(deadly);
  await expect.poll(() => kinds(bot)).toEqual(['failed']);
  expect(painter.count(new RegExp(`^begun ${deadly.id}`))).toBe(2);
  await bot.jobs.submit(aJob());
  await expect.poll(() => kinds(bot)).toEqual(['failed', 'painted']);
});

test('a job that takes far too long is taken back and tried once more', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url, { times: { ...FAST, leastDeadline: 1500, unknownDeadline: 1500 } });
  const painter = await bench.painter(redis.url);
  await bot.jobs.submit(aJob({}, { prompt: 'ms=60000' }));
  await expect.poll(() => kinds(bot)).toEqual(['failed']);
  expect(painter.count(/^begun/)).toBe(2);
  await expect.poll(() => painter.count(/^aborted .* cancelled/)).toBe(2);
});

test('a cancelled job ends at its next step, also when the message to its painter is lost', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const painter = await bench.painter(redis.url);
  for (const lost of [false, true]) {
    const job = aJob({}, { prompt: 'ms=60000' });
    await bot.jobs.submit(job);
    await painter.said(new RegExp(`^begun ${job.id}`));
    // Nobody may send orders or listen to them: only the flag is left.
    if (lost) redis.ask('ACL', 'SETUSER', 'default', 'resetchannels', '&easel:told');
    expect(await bot.jobs.cancel(job.id)).toBe(true);
    await painter.said(new RegExp(`^aborted ${job.id}-0 cancelled`));
    if (lost) redis.ask('ACL', 'SETUSER', 'default', 'allchannels');
  }
  await expect.poll(() => kinds(bot)).toEqual(['cancelled', 'cancelled']);
  await bot.jobs.submit(aJob());
  await expect.poll(() => kinds(bot)).toEqual(['cancelled', 'cancelled', 'painted']);
});

test('the queues of machines that never come back are removed', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const painter = await bench.painter(redis.url, { names: ['container-5f3a'] });
  await bot.jobs.submit(aJob());
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  await painter.kill();
  await expect.poll(() => redis.keys()).toEqual(['easel:bot']);
});
