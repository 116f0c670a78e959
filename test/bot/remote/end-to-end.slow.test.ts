import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../src/engine/package-root.js';
import { aJob } from '../request.js';
import { Bench, FAST, type Talker } from './harness.js';
import { OwnRedis } from './redis.js';

const GUILDS = 20;
const JOBS = 100;

test('three painters with the model that ships, killed in turn, Redis restarted and the bot killed: every request one message', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const dataDir = bench.folder();
  const times = { ...FAST, lock: 4000, leastDeadline: 60_000 };
  const modelsDir = join(packageRoot, 'models');
  const painter = (name: string) => bench.painter(redis.url, { names: [name], times, modelsDir });
  const jobs = Array.from({ length: JOBS }, (_, k) =>
    aJob({ guildId: String(k % GUILDS), userId: String(k) }, { seed: k }),
  );
  const bots: Talker[] = [];
  const bot = (submitted: typeof jobs) => {
    bots.push(bench.botProcess({ url: redis.url, dataDir, times, jobs: submitted }));
    return bots.at(-1)!;
  };
  const removed = () => bots.reduce((sum, one) => sum + one.count(/^removed/), 0);
  const painters = await Promise.all(['a', 'b', 'c'].map(painter));
  bot(jobs);
  await expect.poll(removed).toBeGreaterThan(10);
  await painters[0]!.kill();
  painters[0] = await painter('a');
  await expect.poll(removed).toBeGreaterThan(25);
  await redis.stop();
  await redis.startAgain();
  await expect.poll(removed).toBeGreaterThan(40);
  await bots[0]!.kill();
  await painters[1]!.kill();
  bot([]);
  painters[1] = await painter('b');
  const messages = () => readFileSync(join(dataDir, 'delivered.log'), 'utf8').trim().split('\n');
  await expect.poll(() => new Set(messages()).size, { timeout: 120_000 }).toBe(JOBS);
  // A job that two killed painters had is told as failed: here each had at most one.
  expect([...new Set(messages())].sort()).toEqual(jobs.map(({ id }) => `${id} painted ${id}`).sort());
  // Guilds take turns: no guild is two turns ahead of another when the first bot hands out.
  const started = bots[0]!.lines.flatMap((line) => /^started (\S+)/.exec(line)?.[1] ?? []);
  const turns = new Map<string, number>();
  for (const id of new Set(started)) {
    const guild = jobs.find((job) => job.id === id)!.origin.guildId!;
    turns.set(guild, (turns.get(guild) ?? 0) + 1);
  }
  expect(Math.max(...turns.values()) - Math.min(...turns.values())).toBeLessThanOrEqual(1);
  const waited = bots.flatMap((one) =>
    one.lines.flatMap((line) => Number(/^started \S+ (\S+)/.exec(line)?.[1] ?? Number.NaN)),
  );
  const sorted = waited.filter(Number.isFinite).sort((a, b) => a - b);
  console.log(`seconds waited: median ${sorted[sorted.length >> 1]?.toFixed(1)}, longest ${sorted.at(-1)?.toFixed(1)}`);
});
