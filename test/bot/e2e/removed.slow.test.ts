import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Message } from '../../../src/discord/things.js';
import { QUICK, Studio } from './harness.js';

// Buttons pressed after Discord shows a result, but before the bot knows that it does.

let studio: Studio;
beforeAll(async () => {
  studio = await Studio.start();
});
afterEach(() => studio.discord.faults.clear());
afterAll(() => studio.stop());

vi.setConfig({ testTimeout: 180_000 });
const PATIENCE = 60_000;
const EDIT = /^PATCH .*\/messages\/(@|%40)original/;
const SEND = /^POST \/channels\/\d+\/messages$/;

/** A result that Discord shows, but that the bot believes was not delivered. */
async function shownAndLost(name: string): Promise<{ message: Message; found: () => void }> {
  const { discord, alice } = studio;
  const found = discord.faults.add({ match: EDIT, status: 502, carriedOut: true });
  const channel = studio.channel(name);
  const { message } = await discord.as(alice).run(channel, 'imagine', { prompt: 'a fox', ...QUICK });
  return { message: await studio.finished(message, PATIENCE), found };
}

test('🗑️ removes for good what is still being delivered', async () => {
  const { discord, alice } = studio;
  const { message, found } = await shownAndLost('removed');
  const channel = discord.world.channel(message.channel_id)!;
  const before = await studio.records();
  await discord.as(alice).press(message, '🗑️');
  await expect.poll(() => discord.messagesIn(channel, alice), { timeout: PATIENCE }).toEqual([]);
  found();
  await studio.idle(PATIENCE);
  expect(discord.messagesIn(channel, alice)).toEqual([]);
  expect(await studio.records()).toBe(before - 1);
});

test('a button under a late result that is not written down yet waits until it is', async () => {
  const { discord, alice, bot } = studio;
  const channel = studio.channel('late');
  // Its token has expired: the result comes as a message of its own.
  const ended = JSON.stringify({ message: 'Invalid Webhook Token', code: 50027 });
  discord.faults.add({ match: EDIT, status: 401, body: ended });
  const found = discord.faults.add({ match: SEND, status: 502, carriedOut: true });
  void discord.as(alice).run(channel, 'imagine', { prompt: 'a fox', ...QUICK });
  const late = await discord.until(() => studio.results(channel)[0], PATIENCE);
  const ofMessage = vi.spyOn(bot.app.results, 'behindPress');
  const pressed = discord.as(alice).press(late, '🗑️');
  await expect.poll(() => ofMessage.mock.calls.length, { timeout: PATIENCE }).toBeGreaterThan(0);
  expect(await bot.app.results.behind(late.id)).toBeNull();
  found();
  await pressed;
  await expect.poll(() => studio.results(channel), { timeout: PATIENCE }).toEqual([]);
  await studio.idle(PATIENCE);
  ofMessage.mockRestore();
});
