import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { QUICK, Studio } from './harness.js';

// Only the first frame of a file is used, and the author is told.

let studio: Studio;
let gif: Buffer;
let webp: Buffer;
beforeAll(async () => {
  studio = await Studio.start();
  const frame = (background: string) =>
    sharp({ create: { width: 128, height: 128, channels: 3, background } })
      .png()
      .toBuffer();
  const frames = await Promise.all(['#c02020', '#2040c0', '#20a040'].map(frame));
  gif = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer();
  webp = await sharp(frames, { join: { animated: true } })
    .webp()
    .toBuffer();
});
afterAll(() => studio.stop());

test.each<[string, Record<string, unknown>]>([
  ['imagine', { prompt: 'a red apple', ...QUICK }],
  ['vary', { count: 1 }],
  ['upscale', {}],
])('/%s', async (command, values) => {
  const { discord, alice, general } = studio;
  const image = { name: 'moving.gif', bytes: gif };
  const { message } = await discord.as(alice).run(general, command, { ...values, image } as never);
  const result = await studio.finished(message);
  expect(result.content).toMatch(/has 3 pictures in it; only the first/);
  const { channels } = await sharp(discord.file(result)).stats();
  if (command === 'upscale') expect(channels[0]!.mean).toBeGreaterThan(channels[2]!.mean * 2);
});

test('a WebP that moves too', async () => {
  const { discord, alice, general } = studio;
  const image = { name: 'moving.webp', bytes: webp };
  const { message } = await discord.as(alice).run(general, 'vary', { image, count: 1 });
  expect((await studio.finished(message)).content).toMatch(/has 3 pictures in it/);
});

test('a picture in a message', async () => {
  const { discord, alice, general } = studio;
  const posted = await discord.as(alice).say(general, 'look', [{ name: 'moving.gif', bytes: gif }]);
  const { message } = await discord.as(alice).contextMenu(posted, 'Vary this picture');
  expect((await studio.finished(message)).content).toMatch(/has 3 pictures in it/);
});

test('a single frame needs no notice', async () => {
  const { discord, alice, general } = studio;
  const bytes = await sharp(gif).gif().toBuffer();
  const { message } = await discord.as(alice).run(general, 'vary', { image: { name: 'still.gif', bytes }, count: 1 });
  expect((await studio.finished(message)).content).not.toMatch(/pictures in it/);
});
