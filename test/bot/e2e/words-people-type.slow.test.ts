import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel } from '../../../src/discord/things.js';
import { difference, Studio } from './harness.js';

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
