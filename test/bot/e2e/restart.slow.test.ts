import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../../src/discord/things.js';
import { BotProcess } from './bot-process.js';
import { Studio } from './harness.js';

// The bot as a process of its own, as `npm start` runs it, killed at bad moments.

let studio: Studio;
let bot: BotProcess;
beforeAll(async () => {
  studio = await Studio.withoutBot({ USER_QUEUE: '100' });
});
afterEach(() => end('SIGKILL'));
afterAll(() => studio.stop());

async function start(): Promise<void> {
  bot = await BotProcess.start(studio);
  await bot.isLeader();
}

/** @returns milliseconds until it had ended. */
async function end(signal: NodeJS.Signals): Promise<number> {
  const began = performance.now();
  bot.kill(signal);
  await bot.ended;
  return performance.now() - began;
}

const step = (message: Message) => Number(/step (\d+) of/.exec(message.content)?.[1] ?? 0);

test('kill -9 in the middle of a job: after the restart every acknowledged job is delivered, once, in its place', async () => {
  const { discord, alice, bob } = studio;
  const channel = studio.channel('killed');
  await start();
  const asked = { prompt: 'a castle', steps: 100, count: 2 };
  const [first, second, third] = await bot.inTheMiddle(async () => {
    const { message: first } = await discord.as(alice).run(channel, 'imagine', asked);
    const { message: second } = await discord.as(bob).run(channel, 'imagine', { prompt: 'a fox', steps: 2, count: 1 });
    const { message: third } = await discord.as(bob).run(channel, 'imagine', { prompt: 'a pig', steps: 2, count: 1 });
    await discord.until(() => step(first) > 0, 60_000);
    return [first, second, third] as const;
  });
  await end('SIGKILL');
  await start();
  for (const message of [first, second, third]) await studio.finished(message, 120_000);
  expect(discord.messagesIn(channel, alice)).toHaveLength(3);
  const { message: again } = await discord.as(bob).press(second, 'U1');
  await studio.finished(again, 60_000);
});

test('kill -9 while its answer is on the way: it comes once', async () => {
  const { discord, alice } = studio;
  const channel = studio.channel('on-the-way');
  await start();
  // For a delayed message, the first attempt arrives, but the bot dies before it knows.
  await discord.as(alice).run(channel, 'imagine', { prompt: 'a castle', steps: 60, count: 2 });
  discord.interactions.expireTokens();
  await discord.until(() => studio.results(channel).length > 0, 60_000);
  await end('SIGKILL');
  await start();
  const { message: next } = await discord.as(alice).run(channel, 'imagine', { prompt: 'a fox', steps: 1, count: 1 });
  await studio.finished(next, 60_000);
  expect(studio.results(channel)).toHaveLength(2);
});

test('SIGTERM in the middle of a long job: it ends within 10 seconds and goes on after the start', async () => {
  const { discord, alice } = studio;
  const channel = studio.channel('stopped');
  await start();
  // More than any machine paints in the six seconds that a job has.
  const prompt = `a castle {${[...'abcdefghijklmnopqrstuvwxy'].join('|')}}`;
  const { message } = await discord.as(alice).run(channel, 'imagine', { prompt, steps: 150 });
  await discord.until(() => step(message) > 0, 60_000);
  expect(await end('SIGTERM')).toBeLessThan(10_000);
  expect(studio.isResult(message)).toBe(false);
  const [said] = message.content.match(/step \d+ of \d+/)!;
  await start();
  await discord.until(() => step(message) > 0 && !message.content.includes(said), 60_000);
  expect(discord.messagesIn(channel, alice)).toHaveLength(1);
});
