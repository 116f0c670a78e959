import { afterAll, beforeAll, expect, test } from 'vitest';
import { difference, Studio } from './harness.js';

// What members see when several requests are painted at the same time.

let studio: Studio;
beforeAll(async () => {
  studio = await Studio.start({ BATCH: '4', PRECISION: 'full' });
});
afterAll(() => studio.stop());

const LONG = { steps: 60, count: 1 };
const PATIENCE = 240_000;

test('several members are painted for at once; one cancels, the painter is killed, and nothing is lost', async () => {
  const { discord, alice, bob, general } = studio;
  const { jobs } = studio.bot.app;
  const [painter] = studio.painters;
  const carol = discord.createUser('carol');
  discord.join(studio.guild, carol);
  const painting = new Set<string>();
  jobs.onProgress(({ request }) => painting.add(request.prompt));
  const ask = async (user: typeof alice, prompt: string, seed: number) =>
    (await discord.as(user).run(general, 'imagine', { prompt, seed, ...LONG })).message;
  // None is done before the last was asked for, nor before all are in it together.
  const [apple, cat, fish] = await studio.inTheMiddle(async () => [
    await ask(alice, 'a red apple', 1),
    await ask(bob, 'a cat', 2),
    await ask(carol, 'a fish', 3),
  ]);
  await studio.inTheMiddle(
    async () => {
      await expect.poll(() => painting.size).toBe(3);
      await discord.as(bob).press(cat!, 'Cancel');
    },
    () => painting.size === 3,
  );
  await discord.until(() => cat!.content === '**a cat**\nCancelled.');
  // Both are still being painted, by the process that Bob's cat was in.
  expect(jobs.list()).toHaveLength(2);
  process.kill(painter!.pid!, 'SIGKILL');
  const alone = [await studio.finished(apple!, PATIENCE), await studio.finished(fish!, PATIENCE)];
  expect(painter!.restarts).toBe(1);
  // Now beside each other, without a death in between.
  const again = [await ask(alice, 'a red apple', 1), await ask(carol, 'a fish', 3)];
  for (const [k, message] of again.entries()) {
    const result = await studio.finished(message, PATIENCE);
    expect(await difference(discord.file(result), discord.file(alone[k]!))).toBe(0);
  }
});
