import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { QUICK, Studio } from './harness.js';

// Options without effect are reported, not silently ignored.

let studio: Studio;
let image: { name: string; bytes: Buffer };
beforeAll(async () => {
  studio = await Studio.start();
  const create = { width: 128, height: 128, channels: 3, background: '#c02030' } as const;
  image = { name: 'red.png', bytes: await sharp({ create }).png().toBuffer() };
});
afterAll(() => studio.stop());

async function told(command: string, values: Record<string, unknown>): Promise<string> {
  const { discord, alice, general } = studio;
  const { message } = await discord.as(alice).run(general, command, values as never);
  return (await studio.finished(message)).content;
}

test.each<[string, string, Record<string, unknown>, string]>([
  ['strength without a picture', 'imagine', { strength: 0.5 }, '"strength" was ignored'],
  ['a negative prompt at a guidance scale of 1', 'imagine', { scale: 1, negative: 'text' }, 'the negative prompt has'],
  ['a prompt at a guidance scale of 0', 'imagine', { scale: 0 }, 'the prompt has no effect'],
  ['a speed at few steps', 'imagine', { speed: 'fast' }, 'Every step was run'],
])('%s', async (_, command, values, text) => {
  expect(await told(command, { prompt: 'a red apple', ...QUICK, ...values })).toContain(text);
});

test('an aspect ratio beside a picture, which has its own', async () => {
  const content = await told('imagine', { prompt: 'a red apple', ...QUICK, image, aspect: 'portrait' });
  expect(content).toContain('"aspect" was ignored');
});

test('a seed beside a table of seeds', async () => {
  const content = await told('grid', { prompt: 'a red apple', across: 'seeds: 1, 2', seed: 3 });
  expect(content).toContain('"seed" was ignored');
});

test('words for an enlargement that repaints nothing', async () => {
  expect(await told('upscale', { prompt: 'a red apple', image })).toContain('the prompt had no effect');
});

test('words that the model does not know are named, in the language of whoever asks', async () => {
  expect(await told('imagine', { ...QUICK, prompt: 'a (cat:1.2) at a boulevard' })).toMatch(
    new RegExp(`${DEFAULT_MODEL} does not know.*: boulevard\\. Try`),
  );
  studio.alice.locale = 'de';
  expect(await told('imagine', { ...QUICK, prompt: 'a dystopian horse' })).toMatch(
    new RegExp(`kennt ${DEFAULT_MODEL} nicht.*: dystopian\\.`),
  );
  studio.alice.locale = 'en-US';
});

test('options with an effect get no notice', async () => {
  const values = { prompt: 'a red apple', ...QUICK, image, strength: 0.5, scale: 2, negative: 'text' };
  expect(await told('imagine', values)).not.toMatch(/ignored|no effect/);
});

test('/emoji takes a picture or the number of one, not both', async () => {
  const { discord, alice, general } = studio;
  const { message } = await discord.as(alice).run(general, 'emoji', { name: 'fox', image, picture: 2 });
  expect(message.content).toContain('not both');
});
