import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { LossyProxy } from '../lossy-proxy.js';
import { postgresPrograms, startPostgres } from '../postgres.js';
import type { Server } from '../servers.js';
import { type BotProcess, pair } from './bot-process.js';
import { Studio } from './harness.js';

// Two real bots with one store, in PostgreSQL: the leader does not end, but loses its lock.

const LONG = { prompt: 'a castle', steps: 80, count: 2 };
const SHORT = { prompt: 'a fox', steps: 2, count: 1 };

describe.skipIf(!postgresPrograms)('a leader that loses its lock', () => {
  let postgres: Server;
  let studio: Studio;
  let bots: BotProcess[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
    studio = await Studio.withoutBot({ DATABASE_URL: postgres.url, STANDBY: 'on', USER_QUEUE: '100' });
  });
  afterEach(async () => {
    for (const bot of bots) await bot.stop();
  });
  afterAll(async () => {
    await studio?.stop();
    await postgres?.stop();
  });

  async function work(channel: Channel): Promise<Message[]> {
    const { discord, alice, bob } = studio;
    const { message: long } = await discord.as(alice).run(channel, 'imagine', LONG);
    const { message: short } = await discord.as(bob).run(channel, 'imagine', SHORT);
    await discord.until(() => /step \d+ of/.test(long.content));
    return [long, short];
  }

  /** What everybody sees, as text. */
  const everything = (channel: Channel) => JSON.stringify(studio.discord.messagesIn(channel, studio.alice));

  test('because it was frozen: when it wakes up it says nothing to Discord, and ends with a sentence', async () => {
    bots = await pair(studio);
    const [leader, standby] = bots as [BotProcess, BotProcess];
    const { discord, alice } = studio;
    const channel = studio.channel('frozen');
    const asked = await work(channel);
    leader.kill('SIGSTOP');
    await standby.isLeader();
    for (const message of asked) await studio.finished(message, 120_000);
    // Discord tells both, and the frozen one reads it when it wakes up.
    const { message } = await discord.as(alice).run(channel, 'imagine', SHORT);
    await studio.finished(message);
    const before = everything(channel);
    leader.kill('SIGCONT');
    expect(await leader.ended).toBe(1);
    expect(leader.printed).toMatch(/"fatal".*Another bot leads now.*nothing is sent twice/);
    expect(everything(channel)).toBe(before);
    expect(studio.results(channel)).toHaveLength(3);
    await studio.imagine(alice, channel, SHORT);
  });

  test('because it is cut off from the store: it ends, and the other goes on', async () => {
    await using proxy = await LossyProxy.before(postgres.port);
    const url = new URL(postgres.url);
    url.port = String(proxy.port);
    bots = await pair(studio, { DATABASE_URL: url.href });
    const [leader, standby] = bots as [BotProcess, BotProcess];
    const channel = studio.channel('cut-off');
    const asked = await work(channel);
    await proxy.away();
    expect(await leader.ended).toBe(1);
    expect(leader.printed).toMatch(/"fatal".*did not answer for 10 seconds/);
    await standby.isLeader();
    for (const message of asked) await studio.finished(message, 120_000);
    expect(studio.results(channel)).toHaveLength(2);
    await proxy.back();
  });
});
