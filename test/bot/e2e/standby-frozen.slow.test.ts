import { describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { LossyProxy } from '../lossy-proxy.js';
import { postgresPrograms, startPostgres } from '../postgres.js';
import { LONG, SHORT, twoBots } from './two-bots.js';

// Two real bots with one store, in PostgreSQL: the leader does not end, but loses its lock.

describe.skipIf(!postgresPrograms)('a leader that loses its lock', () => {
  const two = twoBots(startPostgres);

  async function work(channel: Channel): Promise<Message[]> {
    const { discord, alice, bob } = two.studio;
    const { message: long } = await discord.as(alice).run(channel, 'imagine', LONG);
    const { message: short } = await discord.as(bob).run(channel, 'imagine', SHORT);
    await discord.until(() => /step \d+ of/.test(long.content));
    return [long, short];
  }

  /** What everybody sees, as text. */
  const everything = (channel: Channel) => JSON.stringify(two.studio.discord.messagesIn(channel, two.studio.alice));

  test('because it was frozen: when it wakes up it says nothing to Discord, and ends with a sentence', async () => {
    const [leader, standby] = await two.started();
    const { discord, alice } = two.studio;
    const channel = two.studio.channel('frozen');
    const asked = await leader.inTheMiddle(() => work(channel));
    leader.kill('SIGSTOP');
    await standby.isLeader();
    for (const message of asked) await two.studio.finished(message, 120_000);
    // Discord tells both, and the frozen one reads it when it wakes up.
    const { message } = await discord.as(alice).run(channel, 'imagine', SHORT);
    await two.studio.finished(message);
    const before = everything(channel);
    leader.kill('SIGCONT');
    expect(await leader.ended).toBe(1);
    expect(leader.printed).toMatch(/"fatal".*Another bot leads now.*nothing is sent twice/);
    expect(everything(channel)).toBe(before);
    expect(two.studio.results(channel)).toHaveLength(3);
    await two.studio.imagine(alice, channel, SHORT);
  });

  test('because it is cut off from the store: it ends, and the other goes on', async () => {
    await using proxy = await LossyProxy.before(two.store.port);
    const url = new URL(two.store.url);
    url.port = String(proxy.port);
    const [leader, standby] = await two.started({ DATABASE_URL: url.href });
    const channel = two.studio.channel('cut-off');
    const asked = await leader.inTheMiddle(() => work(channel));
    await proxy.away();
    expect(await leader.ended).toBe(1);
    expect(leader.printed).toMatch(/"fatal".*did not answer for 10 seconds/);
    await standby.isLeader();
    for (const message of asked) await two.studio.finished(message, 120_000);
    expect(two.studio.results(channel)).toHaveLength(2);
    await proxy.back();
  });
});
