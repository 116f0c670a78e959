import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ComponentType } from 'discord.js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { SIDE } from '../../embedded.js';
import { difference, piecesOf, pixels, Studio, VEILED } from './harness.js';

// Every button under a result; the pictures that come back are opened.

let studio: Studio;
let channel: Channel;
/** A grid of four, painted once. */
let grid: Message;
let pieces: Buffer[];

beforeAll(async () => {
  studio = await Studio.start();
  channel = studio.channel('buttons');
  grid = await studio.imagine(studio.alice, channel, { count: 4, steps: 20, seed: 11, prompt: 'a red apple' });
  pieces = await piecesOf(studio.discord.file(grid), 4);
});
afterAll(() => studio.stop());

/** Presses and waits for the pictures. */
async function pressed(message: Message, label: string, user = studio.alice): Promise<Message> {
  const outcome = await studio.discord.as(user).press(message, label);
  return studio.finished(outcome.message);
}

/** The differences of a file to each picture of the grid, and which is the least (from 1). */
async function nearest(file: Uint8Array) {
  const distances = await Promise.all(pieces.map((piece) => difference(piece, file)));
  return { nearest: distances.indexOf(Math.min(...distances)) + 1, distances };
}

describe('U', () => {
  test.each([1, 3])('U%i is that picture at 1024 pixels, by the upscaler that ships', async (index) => {
    const result = await pressed(grid, `U${index}`);
    const file = studio.discord.file(result);
    const { width, height } = await sharp(file).metadata();
    expect([width, height]).toEqual([1024, 1024]);
    const { nearest: which, distances } = await nearest(file);
    expect(which).toBe(index);
    expect(distances[index - 1]).toBeLessThan(15);
    expect(result.content).toContain(`Picture ${index}, enlarged · with easel-x4 · 1024×1024`);
    expect(await readMetadata(file)).toMatchObject({
      prompt: 'a red apple',
      other: { 'Postprocess upscale by': `${1024 / SIDE}`, 'Postprocess upscaler': 'easel-x4' },
    });
    expect(studio.discord.as(studio.alice).labels(result)).toEqual(
      expect.arrayContaining(['V1', 'S1', '🔁', '✏️', '🗑️']),
    );
    expect(studio.discord.as(studio.alice).labels(result)).not.toContain('U1');
  });

  test("works on another member's picture too", async () => {
    const result = await pressed(grid, 'U2', studio.bob);
    expect((await nearest(studio.discord.file(result))).nearest).toBe(2);
    expect(result.content).toContain(`<@${studio.bob.id}>`);
  });
});

describe('V', () => {
  test('V2 starts from picture 2: it is what img2img paints from picture 2 and the same seed', async () => {
    const result = await pressed(grid, 'V2');
    expect(result.content).toContain('Variations of picture 2 (strong)');
    const varied = studio.discord.file(result);
    const { seed, steps, strength } = (await readMetadata(varied))!;
    expect(strength).toBe(0.6);
    const directly = async (index: number) => {
      const image = { name: 'piece.png', bytes: pieces[index - 1]! };
      const values = { image, strength: 0.6, seed: seed!, steps: steps!, count: 4 };
      return studio.discord.file(await studio.imagine(studio.alice, channel, values));
    };
    expect(await difference(varied, await directly(2))).toBe(0);
    expect(await difference(varied, await directly(4))).toBeGreaterThan(0.5);
  });
});

describe('S', () => {
  test('S2 starts from nearly the noise of picture 2, 🔁 does so again, and its own pictures are varied by img2img', async () => {
    // These two apples differ four times as much as any variation of the second was found to.
    const values = { count: 2, steps: 6, seed: 14, prompt: 'a red apple' };
    const two = await studio.imagine(studio.alice, channel, values);
    const [first, second] = await piecesOf(studio.discord.file(two), 2);
    const result = await pressed(two, 'S2');
    expect(result.content).toContain('Variations of picture 2 (subtle)');
    const read = (await readMetadata(studio.discord.file(result)))!;
    expect(read).toMatchObject({ prompt: 'a red apple', steps: 6, seed: 15, variationStrength: 0.2 });
    const own = await piecesOf(studio.discord.file(result), 2);
    for (const piece of own) {
      expect(await difference(piece, second!)).toBeLessThan(await difference(piece, first!));
      expect(await difference(piece, second!)).toBeGreaterThan(0);
    }
    expect(await difference(own[0]!, own[1]!)).toBeGreaterThan(0);

    const typed = { ...values, seed: 15, variation_seed: read.variationSeed!, variation_strength: 0.2 };
    const same = await studio.imagine(studio.alice, channel, typed);
    expect(await difference(studio.discord.file(same), studio.discord.file(result))).toBe(0);

    const again = (await readMetadata(studio.discord.file(await pressed(result, '🔁'))))!;
    expect(again).toMatchObject({ seed: 15, variationStrength: 0.2 });
    expect(again.variationSeed).not.toBe(read.variationSeed);

    const further = await pressed(result, 'S1');
    expect(further.content).toContain('Variations of picture 1 (subtle)');
    const { strength, variationSeed } = (await readMetadata(studio.discord.file(further)))!;
    expect([strength, variationSeed]).toEqual([0.3, undefined]);
  });

  test('a variation seed without a strength is ignored, and its author is told', async () => {
    const result = await studio.imagine(studio.alice, channel, { variation_seed: 3 });
    expect(result.content).toMatch(/variation\\_seed" was ignored/);
    expect((await readMetadata(studio.discord.file(result)))!.variationSeed).toBeUndefined();
  });
});

describe('🔁', () => {
  test('paints the same words from another seed', async () => {
    const one = await studio.imagine(studio.alice, channel, { seed: 5 });
    const again = await pressed(one, '🔁');
    const [before, after] = await Promise.all([one, again].map((each) => readMetadata(studio.discord.file(each))));
    expect(after).toMatchObject({ prompt: before!.prompt, steps: before!.steps, sampler: before!.sampler });
    expect(after!.seed).not.toBe(before!.seed);
    expect(await difference(studio.discord.file(one), studio.discord.file(again))).toBeGreaterThan(1);
  });

  test('spoilers and hidden results stay so', async () => {
    const spoilered = await studio.imagine(studio.alice, channel, { spoiler: true });
    for (const label of ['🔁', 'V1']) {
      expect((await pressed(spoilered, label)).attachments[0]).toMatchObject(VEILED);
    }
    const hidden = await studio.imagine(studio.alice, channel, { hidden: true });
    expect((await pressed(hidden, 'U1')).onlyFor).toBe(studio.alice.id);
  });
});

describe('✏️', () => {
  test('shows what was asked for, and paints what it was changed to', async () => {
    const one = await studio.imagine(studio.alice, channel, { negative: 'blue', scale: 3.5 });
    const modal = await studio.discord.as(studio.alice).press(one, '✏️');
    expect(JSON.stringify(modal.answer)).toMatch(/a red apple.*blue.*"2".*"3.5".*"7"/);
    const changes = { prompt: 'a green pear', negative: '', steps: '３', scale: '2,5', seed: ' 99 ' };
    const edited = await studio.finished((await studio.discord.as(studio.alice).submit(modal, changes)).message);
    const read = await readMetadata(studio.discord.file(edited));
    expect(read).toMatchObject({ prompt: 'a green pear', steps: 3, scale: 2.5, seed: 99 });
    expect(read!.negative).toBe('');
  });

  test('with nothing changed it paints the same picture', async () => {
    const one = await studio.imagine(studio.alice, channel);
    const modal = await studio.discord.as(studio.alice).press(one, '✏️');
    const same = await studio.finished((await studio.discord.as(studio.alice).submit(modal)).message);
    expect(await pixels(studio.discord.file(same))).toEqual(await pixels(studio.discord.file(one)));
  });

  test('words that come back as they were shown are not read again', async () => {
    const one = await studio.imagine(studio.alice, channel, { prompt: 'a \\{red|blue\\} apple' });
    const modal = await studio.discord.as(studio.alice).press(one, '✏️');
    const same = await studio.finished((await studio.discord.as(studio.alice).submit(modal)).message);
    expect(await pixels(studio.discord.file(same))).toEqual(await pixels(studio.discord.file(one)));
  });

  test('braces that were words stay words when others are changed', async () => {
    const one = await studio.imagine(studio.alice, channel, { prompt: 'a \\{red|blue\\} apple' });
    const modal = await studio.discord.as(studio.alice).press(one, '✏️');
    const shown = 'a \\{red\\|blue\\} apple';
    expect(JSON.stringify(modal.answer)).toContain(JSON.stringify(shown));
    const outcome = await studio.discord.as(studio.alice).submit(modal, { prompt: `${shown} here` });
    const edited = await studio.finished(outcome.message);
    expect(await readMetadata(studio.discord.file(edited))).toMatchObject({ prompt: 'a {red|blue} apple here' });
  });

  test('anything but a number is refused, visibly to the author only', async () => {
    const modal = await studio.discord.as(studio.alice).press(grid, '✏️');
    for (const [name, value] of [
      ['steps', '1000'],
      ['scale', 'much'],
      ['seed', '-1'],
      ['steps', '0x10'],
    ]) {
      const { message } = await studio.discord.as(studio.alice).submit(modal, { [name!]: value! });
      expect(message.onlyFor).toBe(studio.alice.id);
      expect(message.content).toContain(`"${value}" is not a number`);
    }
    for (const [name, value] of [
      ['steps', '2,5'],
      ['seed', '1,234'],
    ]) {
      const { message } = await studio.discord.as(studio.alice).submit(modal, { [name!]: value! });
      expect(message.onlyFor).toBe(studio.alice.id);
      expect(message.content).toContain(`"${value}" is not a whole number`);
    }
  });
});

describe('🗑️', () => {
  /** What the store has of a result and its pointers: the record, `message:` and, if it is the newest, `latest:`. */
  async function keptOf(messageId: string): Promise<string[]> {
    const entries: [string, unknown][] = [];
    for await (const entry of studio.bot.app.results.entries()) entries.push(entry);
    const job = jobs.get(messageId) ?? entries.find(([key]) => key === `message:${messageId}`)?.[1];
    jobs.set(messageId, job);
    return entries.filter(([key, value]) => key === job || value === job).map((entry) => JSON.stringify(entry));
  }
  const jobs = new Map<string, unknown>();

  const gone = (message: Message) =>
    studio.discord.until(() => !studio.discord.world.messages.get(message.channel_id)!.has(message.id));

  test('is for the author', async () => {
    const one = await studio.imagine(studio.bob, channel);
    await studio.discord.as(studio.bob).press(one, '🗑️');
    await gone(one);
  });

  test('leaves nothing in the store: not the prompt, not whose it was', async () => {
    const carla = studio.discord.createUser('carla');
    studio.discord.join(studio.guild, carla);
    const one = await studio.imagine(carla, channel, { prompt: 'a secret of carla' });
    await studio.idle();
    expect(await keptOf(one.id)).toHaveLength(3);
    await studio.discord.as(carla).press(one, '🗑️');
    await gone(one);
    await expect.poll(() => keptOf(one.id)).toEqual([]);
  });

  test('and for moderators, and for nobody else', async () => {
    const carol = studio.discord.createUser('carol');
    studio.discord.join(studio.guild, carol);
    const one = await studio.imagine(studio.bob, channel);
    const { message } = await studio.discord.as(carol).press(one, '🗑️');
    expect(message.onlyFor).toBe(carol.id);
    expect(message.content).toContain('moderators');
    await studio.discord.as(studio.alice).press(one, '🗑️');
    await gone(one);
  });
});

describe('for ever', () => {
  test('after a restart, without the picture cache, and with addresses that expired, U3 is picture 3 still', async () => {
    await studio.bot.stop();
    rmSync(join(studio.dataDir, 'pictures'), { recursive: true });
    studio.discord.cdn.expireAll();
    await studio.startBot();
    const result = await pressed(grid, 'U3');
    const { nearest: which, distances } = await nearest(studio.discord.file(result));
    expect(which).toBe(3);
    expect(distances[2]).toBeLessThan(15);
    const alone = await studio.imagine(studio.alice, channel, { count: 1 });
    rmSync(join(studio.dataDir, 'pictures'), { recursive: true });
    await studio.restart();
    expect(await difference(studio.discord.file(await pressed(alone, 'U1')), studio.discord.file(alone))).toBeLessThan(
      15,
    );
  });

  test('a button of an older version says so, as does one whose job nobody knows', async () => {
    const { discord, alice } = studio;
    for (const [id, text] of [
      ['v0:upscale:3', 'older version'],
      ['upscale_1_abc', 'older version'],
      ['v1:Y:0:0000000000000000', 'older version'],
      ['v1:O:9:0000000000000000', 'older version'],
      ['v1:O:1:0000000000000000', 'no longer know'],
      ['v1:W:0:0000000000000000', 'no longer know'],
      ['v1:U:1:0000000000000000', 'no longer know'],
      ['v1:R:0:0000000000000000', 'no longer know'],
      ['v1:U:9:0000000000000000', 'no longer know'],
      ['v1:C:0:0000000000000000', 'finished'],
    ]) {
      const { message } = await discord.as(alice).component(grid, id!, ComponentType.Button);
      expect(message.onlyFor).toBe(alice.id);
      expect(message.content).toContain(text);
    }
  });

  test('a picture that the grid does not have is refused', async () => {
    const { discord, alice } = studio;
    const id = (grid.components![0] as unknown as { components: { custom_id: string }[] }).components[0]!.custom_id;
    const { message } = await discord.as(alice).component(grid, id.replace(':1:', ':9:'), ComponentType.Button);
    expect(message.onlyFor).toBe(alice.id);
    expect(message.content).toContain('older version');
  });
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log).toEqual([]);
});
