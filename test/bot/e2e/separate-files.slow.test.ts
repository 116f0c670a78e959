import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { MessageFlags } from 'discord.js';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { SIDE } from '../../embedded.js';
import { difference, piecesOf, Studio, VEILED } from './harness.js';

// 💾: the pictures of a result one by one, in a media gallery.

let studio: Studio;
let channel: Channel;
let grid: Message;
let pieces: Buffer[];

beforeAll(async () => {
  studio = await Studio.start();
  channel = studio.channel('files');
  grid = await studio.imagine(studio.alice, channel, { count: 3, seed: 11, prompt: 'a red apple' });
  pieces = await piecesOf(studio.discord.file(grid), 3);
});
afterAll(() => studio.stop());

interface Item {
  description: string;
  spoiler: boolean;
  media: { url: string; width: number; height: number; attachment_id: string };
}

/** Presses 💾 and waits for the galleries: the answer and what follows it. */
async function saved(result: Message, count = 1, user = studio.bob): Promise<Message[]> {
  const before = new Set(studio.discord.messagesIn(channel, user).map(({ id }) => id));
  await studio.discord.as(user).press(result, '💾');
  return studio.discord.until(() => {
    const added = studio.discord.messagesIn(channel, user).filter(({ id }) => !before.has(id));
    return added.filter(({ attachments }) => attachments.length > 0).length === count && added;
  });
}

/** The items of a gallery, as the API shows them. */
function itemsOf(message: Message): Item[] {
  const shown = studio.discord.payloads.message(message, studio.bob.id);
  const gallery = (shown.components as unknown as { type: number; items: Item[] }[]).find(({ type }) => type === 12)!;
  return gallery.items;
}

test('sends each picture as it was painted, to whoever pressed alone, with a text for those who cannot see it', async () => {
  const [answer] = await saved(grid);
  expect(answer!.onlyFor).toBe(studio.bob.id);
  expect(answer!.flags! & MessageFlags.IsComponentsV2).toBeTruthy();
  const items = itemsOf(answer!);
  expect(items.map(({ description, spoiler }) => [description, spoiler])).toEqual(
    Array.from({ length: 3 }, () => ['a red apple', false]),
  );
  expect(items.map(({ media }) => media.attachment_id)).toEqual(answer!.attachments.map(({ id }) => id));
  expect(items.every(({ media }) => media.width === SIDE && media.height === SIDE)).toBe(true);
  for (const [k, piece] of pieces.entries()) {
    const file = studio.discord.file(answer!, k);
    expect(await readMetadata(file)).toMatchObject({ prompt: 'a red apple', seed: 11 + k });
    expect(await difference(file, piece)).toBe(0);
  }
});

test('cuts them out of the grid once they are cached nowhere, also after a restart', async () => {
  await studio.bot.stop();
  rmSync(join(studio.dataDir, 'pictures'), { recursive: true });
  studio.discord.cdn.expireAll();
  await studio.startBot();
  const [answer] = await saved(grid);
  for (const [k, piece] of pieces.entries()) {
    const file = studio.discord.file(answer!, k);
    expect(await difference(file, piece)).toBe(0);
    expect((await sharp(file).metadata()).format).toBe('png');
  }
});

test('is not there for a picture that is a file of its own; spoilers stay behind one', async () => {
  const alone = await studio.imagine(studio.alice, channel);
  expect(studio.discord.as(studio.alice).labels(alone)).not.toContain('💾');
  const spoilered = await studio.imagine(studio.alice, channel, { count: 2, spoiler: true });
  const [answer] = await saved(spoilered);
  expect(itemsOf(answer!).map(({ spoiler }) => spoiler)).toEqual([true, true]);
  for (const attachment of answer!.attachments) expect(attachment).toMatchObject(VEILED);
});

test('more than ten come in as many messages as they need, each saying how it differs', async () => {
  const words = '{red|blue|green} {apple|fox|cat|house}';
  const { message } = await studio.discord
    .as(studio.alice)
    .run(channel, 'imagine', { prompt: `a ${words}`, steps: 1, seed: 7 });
  const many = await saved(await studio.finished(message), 2);
  expect(many.map(({ attachments }) => attachments.length)).toEqual([10, 2]);
  expect(many.every(({ onlyFor }) => onlyFor === studio.bob.id)).toBe(true);
  const described = many.flatMap((one) => itemsOf(one).map(({ description }) => description));
  expect(new Set(described).size).toBe(12);
  expect(described).toContain('a green house');
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log).toEqual([]);
});
