import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aJob } from '../request.js';
import { Bench, type Talker } from './harness.js';
import { OwnRedis } from './redis.js';

const JOBS = 2000;
/** Painted before anything is compared: by then everything is loaded. */
const WARM = 200;

test('2,000 jobs while painters are killed at random: each comes exactly once, and keys and memory are as before', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const names = ['a', 'b', 'c'];
  const painters: Talker[] = await Promise.all(
    names.map((name) => bench.painter(redis.url, { names: [name, `${name}2`] })),
  );
  const submit = async (from: number, to: number) => {
    const ids: string[] = [];
    for (let k = from; k < to; k++) {
      const job = aJob({ guildId: String(k % 20), userId: String(k % 200) }, { prompt: `job ${k}` });
      ids.push(job.id);
      await bot.jobs.submit(job);
    }
    return ids;
  };
  const done = (count: number) =>
    expect.poll(() => bot.delivered.length, { timeout: 120_000, interval: 200 }).toBe(count);
  const leftovers = () => ['outcome', 'picture', 'source', 'at'].flatMap((what) => redis.keys(`easel:${what}:*`));
  const ids = await submit(0, WARM);
  await done(WARM);
  const memory = process.memoryUsage.rss();
  const submitting = submit(WARM, JOBS);
  let over = false;
  const killing = (async () => {
    for (let kill = 0; !over; kill++) {
      await sleep(1500);
      const k = kill % painters.length;
      await painters[k]!.kill();
      painters[k] = await bench.painter(redis.url, { names: [names[k]!, `${names[k]}2`] });
    }
    return painters;
  })();
  ids.push(...(await submitting));
  await done(JOBS);
  over = true;
  await killing;
  expect(bot.delivered.map(({ id }) => id).sort()).toEqual(ids.sort());
  // One of two painters of a killed process had a job: few can have had that twice.
  expect(bot.delivered.filter(({ outcome }) => outcome.kind !== 'painted').length).toBeLessThan(20);
  await expect.poll(leftovers).toEqual([]);
  // Of the painters that live: a queue's own few keys, an announcement, and nothing of any job.
  await expect.poll(() => redis.keys().filter((key) => /[0-9a-hjkmnp-tv-z]{16}-\d/.test(key)).length).toBe(0);
  expect(redis.keys().length).toBeLessThan(50);
  console.log(`memory grew by ${((process.memoryUsage.rss() - memory) / 1e6).toFixed(0)} MB`);
  expect(process.memoryUsage.rss() - memory).toBeLessThan(150e6);
});
