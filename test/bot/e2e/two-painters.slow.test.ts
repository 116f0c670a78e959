import type { APIEmbed } from 'discord.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { Channel } from '../../../src/discord/things.js';
import { freePort } from '../servers.js';
import { Studio } from './harness.js';

// Two painter processes with the model that ships, behind the real client in a local Discord.

let studio: Studio;
let channel: Channel;
let port: number;
beforeAll(async () => {
  port = await freePort();
  studio = await Studio.start({ PAINTER_PROCESSES: '2', THREADS: '2', HEALTH_PORT: `${port}` });
  channel = studio.channel('many');
}, 60_000);
afterAll(() => studio.stop());

const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

test('two requests are painted at the same time; one painter is killed, and each gets its picture once', async () => {
  const { discord, alice, bob, painters } = studio;
  expect(painters.map(({ name }) => name)).toEqual(['painter 1', 'painter 2']);
  const ask = (user: typeof alice, steps: number) =>
    discord.as(user).run(channel, 'imagine', { prompt: 'a red apple', steps, count: 2, seed: 7 });
  const { jobs } = studio.bot.app;
  const asked = await studio.inTheMiddle(async () => {
    const [first, second, third] = [await ask(alice, 80), await ask(bob, 80), await ask(alice, 2)];
    await expect.poll(() => jobs.painters().map(({ state }) => state), { timeout: 60_000 }).toEqual(['busy', 'busy']);
    await expect.poll(() => painters.every(({ pid }) => pid !== undefined), { timeout: 60_000 }).toBe(true);
    expect(new Set(painters.map(({ pid }) => pid)).size).toBe(2);
    expect(await metrics()).toContain('easel_painters{state="busy"} 2');
    const { message } = await discord.as(bob).run(channel, 'queue');
    expect(message.content).toMatch(
      new RegExp(
        `\\*\\*painter 1\\*\\* \\(.+\\) · ${DEFAULT_MODEL} · .*painting\\n.*\\*\\*painter 2\\*\\* \\(.+\\) · .*painting`,
      ),
    );
    process.kill(painters[1]!.pid!, 'SIGKILL');
    await expect.poll(() => painters[1]!.restarts).toBe(1);
    return [first, second, third];
  });
  const results = [];
  for (const { message } of asked) results.push(await studio.finished(message, 120_000));
  await studio.idle();
  expect(new Set(results.map(({ id }) => id)).size).toBe(3);
  expect(studio.results(channel)).toHaveLength(3);
  expect(painters.map(({ restarts }) => restarts)).toEqual([0, 1]);
  // Whichever painted them, the pictures are the same.
  const [one, other] = await Promise.all(results.slice(0, 2).map(async (result) => discord.file(result)));
  expect(Buffer.compare(one!, other!)).toBe(0);
});

test('/stats and the metrics tell the painters apart', async () => {
  const { message } = await studio.discord.as(studio.alice).run(channel, 'stats');
  const { value } = (message.embeds as APIEmbed[])[0]!.fields!.find(({ name }) => name === 'Painters')!;
  expect(value.split('\n')).toHaveLength(2);
  expect(value).toMatch(/painter 1.* s a picture · \d+ painted · free/);
  const text = await metrics();
  const jobsOf = (name: string) =>
    Number(new RegExp(`easel_painter_jobs_total{painter="${name}"} (\\d+)`).exec(text)?.[1] ?? 0);
  expect(jobsOf('painter 1') + jobsOf('painter 2')).toBe(3);
  expect(text).toContain('easel_painters{state="free"} 2');
  expect(text).toContain('easel_painter_restarts 1');
});

test('nothing else went wrong meanwhile', () => {
  expect(studio.log.map(({ msg }) => msg).sort()).toEqual([
    'the painter died on a job',
    'the painter died; it is started again for the next picture',
  ]);
});
