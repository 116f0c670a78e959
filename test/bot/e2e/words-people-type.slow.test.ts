import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { difference, piecesOf, Studio } from './harness.js';

// What people type into a prompt besides words.

let studio: Studio;
let channel: Channel;
beforeAll(async () => {
  studio = await Studio.start({ USER_QUEUE: '10' });
  channel = studio.channel('words');
});
afterAll(() => studio.stop());

const run = (values: Record<string, string | number>, command = 'imagine') =>
  studio.discord.as(studio.alice).run(channel, command, values);
const refused = async (values: Record<string, string | number>) => (await run(values)).message.content;

describe('parameters at the end of a prompt', () => {
  test('do what the options do, and are no words; an em dash is as good', async () => {
    const typed = 'a red apple —ar 2:3 --no people --seed 7 --steps 3 --scale 5 --sampler euler --count 1';
    const { message } = await run({ prompt: typed });
    const result = await studio.finished(message);
    const made = await studio.made(result);
    expect(made).toMatchObject({
      prompt: 'a red apple',
      negative: 'people',
      seed: 7,
      steps: 3,
      scale: 5,
      sampler: 'Euler',
    });
    expect(made.height!).toBeGreaterThan(made.width!);
  });

  test('an option wins, and that is said', async () => {
    const { message } = await run({ prompt: 'a red apple --seed 7 --steps 2 --count 1', seed: 9 });
    const result = await studio.finished(message);
    expect(await studio.made(result)).toMatchObject({ seed: 9, steps: 2 });
    expect(result.content).toContain('--seed was ignored');
  });

  test('in the form too, and words of /vary', async () => {
    const { discord, alice } = studio;
    const first = await studio.imagine(alice, channel, { prompt: 'a red apple' });
    const form = await discord.as(alice).press(first, '✏️');
    const { message } = await discord.as(alice).submit(form, { prompt: 'a blue bird --steps 3 --no people' });
    const made = await studio.made(await studio.finished(message));
    expect(made).toMatchObject({ prompt: 'a blue bird', steps: 3, negative: 'people' });
    const image = { name: 'a.png', bytes: discord.file(first) };
    const varied = await discord
      .as(alice)
      .run(channel, 'vary', { image, prompt: 'a fox --steps 4 --seed 5 --count 1' });
    expect(await studio.made(await studio.finished(varied.message))).toMatchObject({
      prompt: 'a fox',
      steps: 4,
      seed: 5,
    });
  });

  test('unknown ones, values that cannot be, and models that are not there are refused', async () => {
    expect(await refused({ prompt: 'a red apple --stylize 250' })).toContain('Did you mean `--scale`?');
    expect(await refused({ prompt: 'a red apple --steps 1000' })).toContain('a whole number from 1 to 150');
    expect(await refused({ prompt: 'a red apple --model nowhere' })).toContain('nowhere');
  });
});

test('words change while a picture is painted, and the prompt stays as it was typed', async () => {
  const prompt = '[a red apple:a blue bird:0.3] AND a red apple :0.2';
  const result = await studio.imagine(studio.alice, channel, { prompt });
  expect((await studio.made(result)).prompt).toBe(prompt);
  const plain = await studio.imagine(studio.alice, channel, { prompt: 'a red apple' });
  expect(await difference(studio.discord.file(result), studio.discord.file(plain))).toBeGreaterThan(1);
});

describe('wildcards', () => {
  beforeAll(() => {
    mkdirSync(join(studio.dataDir, 'wildcards/birds'), { recursive: true });
    writeFileSync(join(studio.dataDir, 'wildcards/color.txt'), '# colors\nred\n\nblue\ngreen\nyellow\n');
    writeFileSync(join(studio.dataDir, 'wildcards/birds/small.txt'), 'a __color__ bird\n');
  });

  test("are filled by each picture's seed, and stand in its metadata beside what was typed", async () => {
    const prompt = '__birds/small__, __color__ background';
    const grid = await studio.imagine(studio.alice, channel, { prompt, count: 4, seed: 1 });
    expect(grid.content).toContain('1 a ');
    const said = /^-# (1 .*)$/m
      .exec(grid.content)![1]!
      .split(' · ')
      .map((text) => text.slice(2));
    expect(said).toHaveLength(4);
    expect(new Set(said).size).toBeGreaterThan(1);
    const alone = await studio.imagine(studio.alice, channel, { prompt, count: 1, seed: 3 });
    const made = await studio.made(alone);
    expect(made).toMatchObject({ prompt: said[2], template: prompt, seed: 3 });
    const third = (await piecesOf(studio.discord.file(grid), 4))[2]!;
    expect(await difference(third, studio.discord.file(alone))).toBe(0);
  });

  test('are drawn again by 🔁, the button and the reaction', async () => {
    const own = studio.channel('again');
    const prompt = Array(12).fill('__color__').join(' ');
    const first = await studio.imagine(studio.alice, own, { prompt, count: 1, seed: 1 });
    const drawn = async (message: Message) => (await studio.made(message)).prompt;
    const { message } = await studio.discord.as(studio.bob).press(first, '🔁');
    const pressed = await drawn(await studio.finished(message));
    studio.discord.as(studio.bob).react(first, '🔁');
    const reacted = await drawn(await studio.discord.until(() => studio.results(own)[2]));
    expect(new Set([await drawn(first), pressed, reacted]).size).toBe(3);
  });

  test('a server has its own, made by who manages it; unknown ones are named beside those there are', async () => {
    const { discord, alice, bob } = studio;
    const add = { wildcard: '__fruit__', entries: 'apple, pear' };
    expect((await discord.as(bob).run(channel, 'wildcards add', add)).message.content).not.toContain('was added');
    expect((await discord.as(alice).run(channel, 'wildcards add', add)).message.content).toContain('with 2 entries');
    const long = 'a red apple, a green apple, a pear, a bowl of cherries';
    const lost = await discord.as(alice).run(channel, 'wildcards add', { wildcard: '../fruit', entries: long });
    expect(lost.message.content).toContain(long);
    const one = await discord.as(alice).run(channel, 'wildcards add', { wildcard: 'tree', entries: 'oak' });
    expect(one.message.content).toContain('with 1 entry:');
    const { message } = await discord.as(bob).run(channel, 'wildcards list');
    expect(JSON.stringify(message.embeds)).toMatch(/birds\/small.*color.*fruit/);
    const result = await studio.imagine(bob, channel, { prompt: 'a red __fruit__ __fruits__ __../easel__' });
    expect(await studio.made(result)).toMatchObject({
      prompt: expect.stringMatching(/^a red (apple|pear) __fruits__/),
    });
    expect(result.content).toMatch(/no wildcard .*fruits.*There are: .*birds\/small.*color.*fruit/);
  });

  test('blocked words are found in what they become', async () => {
    const { discord, alice, guild } = studio;
    await studio.bot.app.settings.change(guild.id, { words: ['pear'], wildcards: [{ name: 'f', entries: ['pear'] }] });
    const { message } = await discord.as(alice).run(channel, 'imagine', { prompt: 'a __f__' });
    expect(message.content).toContain('pear');
    expect(studio.isResult(message)).toBe(false);
  });
});
