import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PermissionFlagsBits as P } from 'discord.js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { packageRoot } from '../../../src/package-root.js';
import type { File } from '../../discord/drive/driven-user.js';
import { SLOW_SVG, slowJpeg } from '../../hostile-pictures.js';
import { QUICK, Studio } from './harness.js';

// Members' uploads: kinds of files, and files made to do harm.

/** Milliseconds, for a machine that does much else. */
const PATIENCE = 50_000;

let studio: Studio;
let channel: Channel;
const slow: File = { name: 'slow.jpg', bytes: slowJpeg() };
const small = async (name: string, width = 64, height = 64): Promise<File> => {
  const create = { width, height, channels: 3, background: '#c02020' } as const;
  return { name, bytes: await sharp({ create }).png().toBuffer() };
};

beforeAll(async () => {
  studio = await Studio.start();
  const { guild, application, discord, alice, bob } = studio;
  const creator = discord.createRole(guild, 'creator', P.CreateGuildExpressions);
  for (const id of [application.botId, alice.id, bob.id]) guild.members.get(id)!.roles = [creator];
  channel = studio.channel('uploads');
  const { message } = await discord.as(alice).run(channel, 'imagine', { prompt: 'a red apple', ...QUICK });
  await studio.finished(message, PATIENCE);
});
afterAll(() => studio.stop());

/** Resolves when the answer says what it has to. */
async function answered({ message }: { message: Message }, text: RegExp): Promise<Message> {
  const { discord } = studio;
  await discord.until(() => text.test(discord.message(message).content), PATIENCE);
  return discord.message(message);
}

describe('a program posing as a picture', () => {
  const svg: File = { name: 'x.png', bytes: SLOW_SVG };
  test.each([
    ['imagine', async () => ({ prompt: 'a fox', ...QUICK, image: svg })],
    ['vary', async () => ({ prompt: 'a fox', image: svg })],
    ['upscale', async () => ({ prompt: 'a fox', image: svg })],
    ['inpaint', async () => ({ prompt: 'a fox', image: svg, mask: await small('mask.png') })],
    ['inpaint', async () => ({ prompt: 'a fox', image: await small('a.png'), mask: svg })],
    ['seed', async () => ({ image: svg })],
    ['emoji', async () => ({ name: 'fox', image: svg })],
  ])('is refused by /%s, and nothing of it is kept', async (command, values) => {
    const kept = studio.bot.app.pictures.bytes;
    const { alice, discord } = studio;
    await answered(await discord.as(alice).run(channel, command, await values()), /not a picture I can read/);
    expect(studio.bot.app.pictures.bytes).toBe(kept);
    expect(studio.bot.app.jobs.list()).toEqual([]);
  });
});

test.each(['anim.gif', 'a.avif', 't.tif', '420.jpg', 'lossy.webp'])(
  '%s is painted from, whatever it is called',
  async (name) => {
    const { alice, discord } = studio;
    const image = { name: 'picture.bin', bytes: readFileSync(join(packageRoot, 'test/fixtures/image/formats', name)) };
    const { message } = await discord
      .as(alice)
      .run(channel, 'vary', { prompt: 'a red apple', strength: 0.1, count: 1, image });
    expect(studio.isResult(await studio.finished(message, PATIENCE))).toBe(true);
  },
);

describe('a picture that takes a minute to decode', () => {
  test('fails its job with a message; the same painter paints the next', async () => {
    const { alice, bob, discord } = studio;
    const { pid } = studio.painters[0]!;
    const request = { prompt: 'a red apple', image: slow };
    const one = await discord.as(alice).run(channel, 'vary', request);
    const next = await discord.as(bob).run(channel, 'imagine', { prompt: 'a red apple', ...QUICK });
    await answered(one, /takes too much time or memory to open/);
    await studio.finished(next.message, PATIENCE);
    expect(studio.painters[0]!.pid).toBe(pid);
  });

  test('is cancelled while it is decoded, at once', async () => {
    const { alice, bot, discord } = studio;
    const one = await discord.as(alice).run(channel, 'vary', { prompt: 'a red apple', image: slow });
    const jobs = bot.app.jobs;
    await discord.until(() => jobs.list().some(({ id }) => jobs.ticket(id)?.position === 0), PATIENCE);
    const began = performance.now();
    await discord.as(alice).run(channel, 'cancel', {});
    await answered(one, /^Cancelled/m);
    await studio.idle();
    // Sooner than it would have been given up.
    expect(performance.now() - began).toBeLessThan(8000);
  });

  test('costs nobody but its member: four of them, and the others’ emojis are made', async () => {
    const { alice, bob, discord } = studio;
    const hostile = [];
    for (let n = 0; n < 4; n++) {
      hostile.push(await discord.as(bob).run(channel, 'emoji', { name: `slow_${n}`, image: slow }));
    }
    const image = await small('a.png');
    const { message } = await discord.as(alice).run(channel, 'emoji', { name: 'innocent', image });
    await discord.until(() => discord.message(message).attachments.length > 0, PATIENCE);
    expect(discord.message(message).content).toContain(':innocent:');
    await answered(hostile[0]!, /takes too much time or memory to open/);
  });
});

describe('a mask', () => {
  const masked = async (image: File, mask: File) => {
    const { alice, discord } = studio;
    return discord.as(alice).run(channel, 'inpaint', { prompt: 'a red apple', count: 1, image, mask });
  };

  test.each([
    ['1×1', 1, 1],
    ['64×32', 64, 32],
    ['128×64', 128, 64],
  ])('of %s for a picture of 32×64 is refused before it is queued', async (size, width, height) => {
    const kept = studio.bot.app.pictures.bytes;
    const { message } = await masked(await small('a.png', 32, 64), await small('mask.png', width, height));
    expect(message.content).toBe(`The mask is ${size} but the picture is 32×64: make them the same size.`);
    expect(studio.bot.app.pictures.bytes).toBe(kept);
  });

  test('is compared with its EXIF orientation applied', async () => {
    const turned = async (orientation: number): Promise<File> => {
      const create = { width: 64, height: 32, channels: 3, background: '#fff' } as const;
      return { name: 'mask.jpg', bytes: await sharp({ create }).withMetadata({ orientation }).jpeg().toBuffer() };
    };
    const refused = await masked(await small('a.png', 64, 32), await turned(6));
    expect(refused.message.content).toContain('The mask is 32×64 but the picture is 64×32');
    const { message } = await masked(await small('a.png', 32, 64), await turned(6));
    expect(studio.isResult(await studio.finished(message, PATIENCE))).toBe(true);
  });
});
