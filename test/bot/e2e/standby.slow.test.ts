import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { hasCommand, startRedis } from '../servers.js';
import { BotProcess } from './bot-process.js';
import { LONG, SHORT, twoBots, within } from './two-bots.js';

// Two real bots with one store, in Redis, and one DATA_DIR; and all that members see is one.

describe.skipIf(!hasCommand('redis-server'))('two bots', () => {
  const two = twoBots(startRedis);

  /** A long job that is being painted, and two that wait. */
  async function work(channel: Channel): Promise<Message[]> {
    const { discord, alice, bob } = two.studio;
    const { message: long } = await discord.as(alice).run(channel, 'imagine', LONG);
    const { message: second } = await discord.as(bob).run(channel, 'imagine', SHORT);
    const { message: third } = await discord.as(alice).run(channel, 'imagine', SHORT);
    await discord.until(() => /step \d+ of/.test(long.content));
    return [long, second, third];
  }

  test('that start at once: one works, the other has no connection to Discord, and says so', async () => {
    two.bots.push(...(await Promise.all([BotProcess.start(two.studio), BotProcess.start(two.studio)])));
    const texts = async () =>
      (await Promise.all(two.bots.map((bot) => bot.ask('/readyz')))).map((it) => it?.text ?? '');
    await expect.poll(async () => (await texts()).sort()[0]).toBe('ready\n');
    await expect.poll(async () => (await texts()).sort()[1]).toMatch(/^standby: the leader is \S+, process \d+\n$/);
    expect(await Promise.all(two.bots.map(async (bot) => (await bot.ask('/healthz'))?.status))).toEqual([200, 200]);
    const leads = async (bot: BotProcess) => /^easel_leader (\d)$/m.exec((await bot.ask('/metrics'))!.text)![1];
    expect((await Promise.all(two.bots.map(leads))).sort()).toEqual(['0', '1']);
    expect(two.studio.discord.gateway.sessions.filter(({ socket }) => socket)).toHaveLength(1);
  });

  test('SIGTERM: the other works at once, and everything that was asked for comes once', async () => {
    const [leader, standby] = await two.started();
    const channel = two.studio.channel('terminated');
    const asked = await leader.inTheMiddle(() => work(channel));
    leader.kill('SIGTERM');
    expect(await leader.ended).toBe(0);
    await within(10_000, () => standby.isLeader());
    for (const message of asked) await two.studio.finished(message, 120_000);
    expect(two.studio.discord.messagesIn(channel, two.studio.alice)).toHaveLength(3);
  });

  test('a second bot with another DATA_DIR is refused, with what to do', async () => {
    const leader = await BotProcess.start(two.studio);
    two.bots.push(leader);
    await leader.isLeader();
    const elsewhere = mkdtempSync(join(tmpdir(), 'easel-elsewhere-'));
    const other = await BotProcess.start(two.studio, { DATA_DIR: elsewhere });
    two.bots.push(other);
    expect(await other.ended).toBe(1);
    expect(other.printed).toMatch(/easel: The bot that leads \(.*\) has another DATA_DIR.*Set DATA_DIR/);
    rmSync(elsewhere, { recursive: true });
    expect((await leader.ask('/readyz'))?.text).toBe('ready\n');
  });
});
