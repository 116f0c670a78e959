import { describe, expect, test } from 'vitest';
import { hasCommand, startRedis } from '../servers.js';
import { LONG, SHORT, twoBots, within } from './two-bots.js';

// Two real bots with one store, in Redis, and one DATA_DIR: the leader is killed.

/** Milliseconds within which a standby works after a kill. */
const TAKEOVER = 20_000;

describe.skipIf(!hasCommand('redis-server'))('two bots', () => {
  const two = twoBots(startRedis);

  test('kill -9: the other works within 20 seconds; queue, deliveries and buttons go on', async () => {
    const [leader, standby] = await two.started();
    const { discord, alice, bob } = two.studio;
    const channel = two.studio.channel('killed');
    const old = await two.studio.imagine(alice, channel, SHORT);
    // Painted, but Discord takes no results: it lies on the disk.
    discord.faults.add({ match: /^PATCH .*original/, status: 503 });
    const { message: painted } = await discord.as(bob).run(channel, 'imagine', SHORT);
    await expect.poll(async () => (await leader.ask('/metrics'))!.text).toMatch(/^easel_undelivered 1$/m);
    const { message: running } = await discord.as(alice).run(channel, 'imagine', LONG);
    const { message: waiting } = await discord.as(bob).run(channel, 'imagine', SHORT);
    leader.kill('SIGKILL');
    discord.faults.clear();
    await within(TAKEOVER, () => standby.isLeader());
    for (const message of [painted, running, waiting]) await two.studio.finished(message, 120_000);
    const { message: larger } = await discord.as(bob).press(old, 'U1');
    await two.studio.finished(larger);
    expect(two.studio.results(channel)).toHaveLength(5);
    expect(standby.printed).toContain('"epoch":');
  });

  test('a late result that was on its way when the leader was killed comes once', async () => {
    const [leader, standby] = await two.started();
    const { discord, alice } = two.studio;
    const channel = two.studio.channel('late');
    await discord.as(alice).run(channel, 'imagine', { ...LONG, steps: 40, count: 2 });
    discord.interactions.expireTokens();
    await discord.until(() => two.studio.results(channel).length > 0);
    leader.kill('SIGKILL');
    await within(TAKEOVER, () => standby.isLeader());
    const { message } = await discord.as(alice).run(channel, 'imagine', SHORT);
    await two.studio.finished(message);
    expect(two.studio.results(channel)).toHaveLength(2);
  });
});
