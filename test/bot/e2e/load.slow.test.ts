import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Channel } from '../../../src/discord/things.js';
import { Studio } from './harness.js';

// Many requests at once. The local Discord runs in the same process and thread, so both are measured together.

let studio: Studio;
beforeAll(async () => {
  const env = { USER_QUEUE: '1000', GUILD_QUEUE: '1000', USER_PER_HOUR: '100000', GUILD_PER_HOUR: '100000' };
  // Checking every exchange against the API's description would be part of what is measured.
  studio = await Studio.start(env, { onExchange: () => {} });
});
afterAll(() => studio.stop());

/** Milliseconds: median, 99th percentile and longest delay of the event loop. */
function watchLoop() {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  return () => {
    delay.disable();
    const [p50, p99] = [50, 99].map((rank) => Math.round(delay.percentile(rank) / 1e6));
    return { p50: p50!, p99: p99!, max: Math.round(delay.max / 1e6) };
  };
}

// Real time on a real clock: other processes may spoil one attempt, but not three.
test('200 interactions from 20 guilds at once: each is acknowledged in 3 seconds and painted once', {
  retry: 2,
}, async () => {
  const { discord, application } = studio;
  const places = Array.from({ length: 20 }, (_, g) => {
    const users = Array.from({ length: 10 }, (_, u) => discord.createUser(`user-${g}-${u}`));
    const guild = discord.createGuild(`guild-${g}`, users[0]!);
    for (const user of users) discord.join(guild, user);
    discord.install(application, guild);
    return { users, channel: discord.createChannel(guild, 'general') };
  });
  const placesAsked = vi.spyOn(studio.bot.app.jobs, 'ticket');
  const loop = watchLoop();
  const began = performance.now();
  const waits: number[] = [];
  const outcomes = await Promise.all(
    places.flatMap(({ users, channel }) =>
      users.map(async (user) => {
        const outcome = await discord.as(user).run(channel, 'imagine', { prompt: 'a fox', steps: 1, count: 1 });
        waits.push(performance.now() - began);
        return outcome;
      }),
    ),
  );
  expect(outcomes.filter(({ answer }) => answer.kind !== 'message')).toEqual([]);
  // Asked for all of them whenever one moved, places took longer than everything else.
  expect(placesAsked.mock.calls.length).toBeLessThan(5 * outcomes.length);
  await studio.idle(300_000);
  const others = outcomes.map(({ message }) => discord.message(message)).filter((message) => !studio.isResult(message));
  expect(others.map(({ content }) => content)).toEqual([]);
  for (const { channel, users } of places) expect(discord.messagesIn(channel, users[0]!)).toHaveLength(10);
  const { p50, p99, max } = loop();
  console.log(
    `200 interactions: acknowledged after ${Math.round(Math.min(...waits))} to ${Math.round(Math.max(...waits))} ms, ` +
      `all delivered after ${((performance.now() - began) / 1000).toFixed(1)} s; event loop p50 ${p50}, p99 ${p99}, max ${max} ms`,
  );
});

test('500 reactions in a second: one painting each for those that mean it, and the bot answers meanwhile', async () => {
  const { discord, alice, general } = studio;
  const one = await studio.imagine(alice, general);
  const channel: Channel = general;
  const before = studio.results(channel).length;
  const users = Array.from({ length: 500 }, (_, n) => {
    const user = discord.createUser(`crowd-${n}`);
    discord.join(studio.guild, user);
    return user;
  });
  for (const [n, user] of users.entries())
    discord.as(user).react(one, n % 25 === 0 ? '🔁' : ['👍', '🎉', '😍'][n % 3]!);
  const { message } = await discord.as(alice).run(general, 'help');
  expect(message.embeds).toHaveLength(1);
  await discord.until(() => studio.results(channel).length === before + 20, 120_000);
  await studio.idle(60_000);
  expect(studio.results(channel)).toHaveLength(before + 20);
});

test('while pictures are painted the event loop answers in less than 100 ms (99th percentile)', {
  retry: 2,
}, async () => {
  const { discord, alice, general } = studio;
  const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'a castle', steps: 100, count: 4 });
  const loop = watchLoop();
  await studio.finished(message, 120_000);
  const { p50, p99, max } = loop();
  console.log(`event loop while painting: p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`);
  expect(p99).toBeLessThan(100);
});
