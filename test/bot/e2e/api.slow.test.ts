import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Jobs } from '../../../src/bot/queue/jobs.js';
import { API_PLACE, isOverApi, type Job } from '../../../src/bot/request/job.js';
import { QUICK, Studio } from './harness.js';

// The HTTP API of a bot with members in Discord: one queue for both.

const GUILD_QUEUE = 15;
const CROWD = 100;
let studio: Studio;
beforeAll(async () => {
  studio = await Studio.start({
    ...{ API_PORT: '0', EASEL_API_KEY: 'key-of-a-program', GUILD_QUEUE: String(GUILD_QUEUE) },
    BLOCKED_WORDS: 'clown*, big top',
  });
});
afterAll(() => studio.stop());

const jobs = () => studio.bot.app.jobs as Jobs;
const clientOf = () => new OpenAI({ baseURL: `${studio.bot.apiUrl}/v1`, apiKey: 'key-of-a-program', maxRetries: 0 });

/** Half a megabyte beside what is asked for: what is kept of a request shows. */
function ask(prompt: string, fields: object = { steps: 1 }) {
  const request = { prompt, response_format: 'b64_json', user: 'x'.repeat(2 ** 19), ...fields } as const;
  return clientOf()
    .images.generate(request)
    .then(
      ({ data }) => ({ status: 200, pictures: data!.length, again: null, code: null }),
      (error) => ({
        status: error.status as number,
        pictures: 0,
        again: Number(error.headers?.get('retry-after')),
        code: error.code as string,
      }),
    );
}

test('of 100 requests at once those that there is room for are painted, and a member waits for one at most', async () => {
  await studio.imagine(studio.alice, studio.general);
  const started: Job[] = [];
  let before = 0;
  jobs().events.on('started', (job) => started.push(job));
  jobs().events.on('queued', (job) => {
    if (!isOverApi(job)) before = started.length;
  });
  const crowd = Array.from({ length: CROWD }, (_, k) => ask(`an apple ${k}`));
  await expect.poll(() => jobs().list().filter(isOverApi).length, { interval: 20 }).toBe(GUILD_QUEUE);
  await studio.imagine(studio.alice, studio.general, { prompt: 'a member’s fox', ...QUICK });
  const mine = started.findIndex((job) => !isOverApi(job));
  expect(mine - before).toBeLessThanOrEqual(1);
  expect(jobs().list().length).toBeGreaterThan(0);
  const answers = await Promise.all(crowd);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(new Set(refused.map(({ status, code }) => `${status} ${code}`))).toEqual(new Set(['429 rate_limit_exceeded']));
  expect(Math.min(...refused.map(({ again }) => again!))).toBeGreaterThanOrEqual(1);
  // Those that are painted meanwhile leave their places to others.
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(GUILD_QUEUE);
  console.log(
    `${answers.length - refused.length} of ${CROWD} painted; the member's job was number ${mine - before} after`,
  );
});

test('a hundred requests more leave nothing behind in memory', async () => {
  const memory = () => {
    (globalThis as { gc?: () => void }).gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--expose-gc');
  (globalThis as { gc?: () => void }).gc ??= (await import('node:vm')).runInNewContext('gc');
  // What sockets still hold is let go a moment later, so the least of two seconds counts.
  const settled = async () => {
    const seen: number[] = [];
    for (let k = 0; k < 10; k++) {
      await sleep(200);
      seen.push(memory());
    }
    return Math.min(...seen);
  };
  const before = await settled();
  await Promise.all(Array.from({ length: CROWD }, (_, k) => ask(`a pear ${k}`)));
  await studio.idle();
  const grown = ((await settled()) - before) / 2 ** 20;
  console.log(`100 requests of half a megabyte: ${grown.toFixed(1)} MiB more afterwards`);
  // All their bodies are fifty.
  expect(grown).toBeLessThan(20);
  expect(jobs().unfinished()).toEqual([]);
});

test('the log and the messages of members know nothing of it', async () => {
  expect(studio.results(studio.general)).toHaveLength(2);
  expect(studio.log).toEqual([]);
});

test('whoever waits when the bot stops is told so, and what is left of them is not painted after a restart', async () => {
  const long = ask('an apple', { steps: 150, size: '256x256' });
  await expect.poll(() => jobs().list().length, { interval: 20 }).toBe(1);
  await studio.bot.stop();
  expect(await long).toMatchObject({ status: 503, again: 5 });
  // As a kill leaves it: in the store, and nobody there.
  await studio.startBot();
  const { request, origin } = (await left()).job;
  await studio.restart();
  expect(jobs().unfinished()).toEqual([]);
  expect(await ask('a pear')).toMatchObject({ status: 200, pictures: 1 });
  expect([request.prompt, origin.guildId]).toEqual(['left', API_PLACE]);

  async function left() {
    void ask('left', { steps: 150, size: '256x256' });
    await expect.poll(() => jobs().list().length, { interval: 20 }).toBe(1);
    const [job] = jobs().list();
    // Given back, as a bot that is killed gives it back, instead of cancelled.
    await jobs().shutdown(0);
    return { job: job! };
  }
});

test("the operator's words are refused in a server, in direct messages and to programs; a server's own only there", async () => {
  const { discord, alice, application, general, guild, bot } = studio;
  await bot.app.settings.change(guild.id, { words: ['fox'] });
  const direct = discord.world.directMessages(alice.id, application.botId);
  const refusals = async (prompt: string) => {
    const told = [general, direct].map(async (where) => {
      const { message } = await discord.as(alice).run(where, 'imagine', { prompt, ...QUICK });
      return message.content.includes('is not allowed in prompts here');
    });
    const over = await fetch(`${bot.apiUrl}/sdapi/v1/txt2img`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('me:key-of-a-program')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a fox', negative_prompt: prompt, steps: 1 }),
    });
    return [...(await Promise.all(told)), (await ask(prompt)).code === 'content_policy_violation', over.status === 400];
  };
  for (const prompt of ['two clownfish', 'a b\u200big t0p'])
    expect(await refusals(prompt)).toEqual(Array(4).fill(true));
  expect(await refusals('a fox')).toEqual([true, false, false, false]);
  const { message } = await discord.as(alice).run(general, 'settings words', { test: 'a clown and a fox' });
  expect(message.content).toContain('"clown\\*", "fox"');
});
