import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { Message } from '../../../src/discord/things.js';
import { packageRoot } from '../../../src/package-root.js';
import { BotProcess } from '../e2e/bot-process.js';
import { Studio } from '../e2e/harness.js';
import { Bench, Talker } from './harness.js';
import { OwnRedis } from './redis.js';

// Everything that an operator runs, as they run it: the bot, three times `easel paint`, and Redis with its journal between
// them. Only Discord is our own, and the times are shorter.

const GUILDS = 12;
const OF_EACH = 8;
const REQUESTS = GUILDS * OF_EACH;
/** A painter is killed after so many results, Redis and the bot once. */
const KILL_EVERY = 12;
const REDIS_AFTER = 30;
const BOT_AFTER = 60;
/** A lock of five seconds, and everything else in proportion. */
const SHORT = { lock: 5000, stalled: 1000, announced: 4000, watch: 1000, progress: 500 };
const SEED = Number(process.env.CROWD_SEED ?? Math.floor(Math.random() * 1e6));

const releases: (() => unknown)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

/** Of three painters, the one to be killed the k-th time. */
const victim = (k: number) => Math.floor(Math.abs(Math.sin(SEED + k) * 1e4)) % 3;
const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

test('a hundred requests from a dozen guilds while painters are killed, Redis restarts and the bot is killed: one message each, in a fair order', async () => {
  const redis = await OwnRedis.start();
  releases.push(() => redis[Symbol.asyncDispose]());
  const bench = new Bench();
  releases.push(() => bench[Symbol.asyncDispose]());
  const preload = pathToFileURL(join(packageRoot, 'test/bot/fixtures/short-times.mjs')).href;
  const short = { NODE_OPTIONS: `--import ${preload}`, REMOTE_TIMES: JSON.stringify(SHORT) };
  // Checking every exchange against the API's description would be most of the work.
  const studio = await Studio.withoutBot({ ...short, PAINTERS: redis.url }, { onExchange: () => {} });
  releases.push(() => studio.stop());
  const { discord, application, alice } = studio;

  const folders = ['a', 'b', 'c'].map(() => bench.folder());
  const ofPainters = { ...short, THREADS: '1', DEVICE: 'cpu', DISCORD_TOKEN: '', LOG_LEVEL: 'info' };
  const paints = async (k: number) => {
    const words = ['paint', '--queue', redis.url];
    const painter = new Talker(join(packageRoot, 'dist/src/cli/main.js'), words, {
      ...ofPainters,
      DATA_DIR: folders[k],
    });
    releases.push(() => painter.kill());
    await painter.said(/painting for a bot on another machine/);
    return painter;
  };
  const bots: BotProcess[] = [];
  const startBot = async () => {
    const bot = await BotProcess.start(studio);
    bots.push(bot);
    releases.push(() => bot.kill('SIGKILL'));
    return bot;
  };

  const places = Array.from({ length: GUILDS }, (_, g) => {
    const users = Array.from({ length: OF_EACH }, (_, u) => discord.createUser(`member-${g}-${u}`));
    const guild = discord.createGuild(`guild-${g}`, users[0]!);
    for (const user of [...users, alice]) discord.join(guild, user);
    discord.install(application, guild);
    return { users, channel: discord.createChannel(guild, 'general') };
  });
  let bot = await startBot();
  await discord.until(() => (application.commands.get('')?.length ?? 0) > 0);

  // What comes first is noted by the event that brings it.
  const began = performance.now();
  const asked = new Map<string, { guild: number; message: Message; at: number }>();
  const results: { guild: number; seconds: number }[] = [];
  const open = new Set<string>();
  const failed: string[] = [];
  const unanswered: number[] = [];
  const look = () => {
    for (const prompt of open) {
      const { guild, message, at } = asked.get(prompt)!;
      const now = discord.message(message);
      if (/could not be painted|not your fault/.test(now.content)) failed.push(now.content);
      else if (!studio.isResult(now) || !now.content.includes(prompt)) continue;
      open.delete(prompt);
      results.push({ guild, seconds: (performance.now() - at) / 1000 });
    }
    return true;
  };
  const done = (count: number) => discord.until(() => look() && results.length >= count, 300_000);

  const ask = async (guild: number, u: number) => {
    const { users, channel } = places[guild]!;
    const prompt = `a red fox ${guild} of ${u}`;
    const at = performance.now();
    const run = () => discord.as(users[u]!).run(channel, 'imagine', { prompt, steps: 2, count: 1 });
    let outcome = await run();
    // Nothing was promised to whoever the bot did not answer in three seconds; they ask again.
    for (; outcome.answer.kind === 'failed'; outcome = await run()) unanswered.push((performance.now() - at) / 1000);
    const { message } = outcome;
    asked.set(prompt, { guild, message, at });
    open.add(prompt);
  };
  // Guild after guild, before there is any painter: whoever paints in the order of arrival is not fair. And a few at a time,
  // because each is to be answered within three seconds, on a busy machine too.
  const members = Array.from({ length: OF_EACH }, (_, u) => u);
  for (let g = 0; g < GUILDS; g++) await Promise.all(members.map((u) => ask(g, u)));
  const painters = await Promise.all(folders.map((_, k) => paints(k)));

  let kills = 0;
  const killing = (async () => {
    for (let at = KILL_EVERY; at < REQUESTS; at += KILL_EVERY) {
      await done(at);
      const k = victim(kills++);
      await painters[k]!.kill();
      painters[k] = await paints(k);
    }
  })();
  const restarting = (async () => {
    await done(REDIS_AFTER);
    await redis.stop();
    await redis.startAgain();
    await done(BOT_AFTER);
    bot.kill('SIGKILL');
    await bot.ended;
    bot = await startBot();
    await bot.isLeader();
  })();
  await Promise.all([done(REQUESTS), restarting]);
  const seconds = (performance.now() - began) / 1000;
  await killing;
  await bot.stop();

  // One message each, and nothing else in any channel.
  const messages = places.flatMap(({ channel, users }) => discord.messagesIn(channel, users[0]!));
  const answers = [...asked.values()].map(({ message }) => message.id);
  expect(messages.map(({ id }) => id).sort()).toEqual(answers.sort());
  expect(messages.filter((message) => studio.isResult(message))).toHaveLength(REQUESTS - failed.length);

  const lost = bots.reduce((sum, { printed }) => sum + printed.split('the painter died on a job').length - 1, 0);
  const shares = places.map((_, guild) => results.slice(0, REQUESTS / 2).filter((one) => one.guild === guild).length);
  const waits = places.map((_, guild) => results.filter((one) => one.guild === guild).map(({ seconds }) => seconds));
  const spread = results.map((_, k) => {
    const counts = new Array(GUILDS).fill(0);
    for (const { guild } of results.slice(0, k + 1)) counts[guild]++;
    return Math.max(...counts) - Math.min(...counts);
  });
  console.log(
    [
      `CROWD_SEED=${SEED}: ${results.length} of ${REQUESTS} in ${seconds.toFixed(1)} s, ${kills} painters killed, ${lost} of them while they painted, ${failed.length} told that it failed, ${unanswered.length} not answered in time`,
      `of the first ${REQUESTS / 2} results, per guild: ${shares.join(' ')}; furthest apart at any time: ${Math.max(...spread)}`,
      `mean seconds waited, per guild: ${waits.map((each) => mean(each).toFixed(1)).join(' ')}`,
      `longest, per guild: ${waits.map((each) => Math.max(...each).toFixed(1)).join(' ')}`,
    ].join('\n'),
  );
  expect(lost).toBeGreaterThan(0);
  // A job that two killed painters had is told as failed; few can have had that twice.
  expect(failed.length).toBeLessThan(5);
  // Guilds take turns, and only jobs that a killed painter had are late. In the order of arrival it would be all of a guild's.
  expect(Math.max(...spread)).toBeLessThanOrEqual(6);
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...shares)).toBeLessThanOrEqual(6);
});
