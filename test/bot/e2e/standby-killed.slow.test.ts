import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasCommand, type Server, startRedis } from '../servers.js';
import { type BotProcess, pair } from './bot-process.js';
import { Studio } from './harness.js';

// Two real bots with one store, in Redis, and one DATA_DIR: the leader is killed.

/** Milliseconds within which a standby works after a kill. */
const TAKEOVER = 20_000;
const LONG = { prompt: 'a castle', steps: 80, count: 2 };
const SHORT = { prompt: 'a fox', steps: 2, count: 1 };

describe.skipIf(!hasCommand('redis-server'))('two bots', () => {
  let redis: Server;
  let studio: Studio;
  const bots: BotProcess[] = [];
  beforeAll(async () => {
    redis = await startRedis();
    studio = await Studio.withoutBot({ DATABASE_URL: redis.url, STANDBY: 'on', USER_QUEUE: '100' });
  });
  afterEach(async () => {
    for (const bot of bots.splice(0)) await bot.stop();
  });
  afterAll(async () => {
    await studio?.stop();
    await redis?.stop();
  });

  async function started(): Promise<[BotProcess, BotProcess]> {
    const both = await pair(studio);
    bots.push(...both);
    return both;
  }

  async function within<T>(milliseconds: number, act: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const done = await act();
    expect(performance.now() - began).toBeLessThan(milliseconds);
    return done;
  }

  test('kill -9: the other works within 20 seconds; queue, deliveries and buttons go on', async () => {
    const [leader, standby] = await started();
    const { discord, alice, bob } = studio;
    const channel = studio.channel('killed');
    const old = await studio.imagine(alice, channel, SHORT);
    // Painted, but Discord takes no results: it lies on the disk.
    discord.faults.add({ match: /^PATCH .*original/, status: 503 });
    const { message: painted } = await discord.as(bob).run(channel, 'imagine', SHORT);
    await expect.poll(async () => (await leader.ask('/metrics'))!.text).toMatch(/^easel_undelivered 1$/m);
    const { message: running } = await discord.as(alice).run(channel, 'imagine', LONG);
    const { message: waiting } = await discord.as(bob).run(channel, 'imagine', SHORT);
    leader.kill('SIGKILL');
    discord.faults.clear();
    await within(TAKEOVER, () => standby.isLeader());
    for (const message of [painted, running, waiting]) await studio.finished(message, 120_000);
    const { message: larger } = await discord.as(bob).press(old, 'U1');
    await studio.finished(larger);
    expect(studio.results(channel)).toHaveLength(5);
    expect(standby.printed).toContain('"epoch":');
  });

  test('a late result that was on its way when the leader was killed comes once', async () => {
    const [leader, standby] = await started();
    const { discord, alice } = studio;
    const channel = studio.channel('late');
    await discord.as(alice).run(channel, 'imagine', { ...LONG, steps: 40, count: 2 });
    discord.interactions.expireTokens();
    await discord.until(() => studio.results(channel).length > 0);
    leader.kill('SIGKILL');
    await within(TAKEOVER, () => standby.isLeader());
    const { message } = await discord.as(alice).run(channel, 'imagine', SHORT);
    await studio.finished(message);
    expect(studio.results(channel)).toHaveLength(2);
  });
});
