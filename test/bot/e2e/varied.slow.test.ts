import { rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message, User } from '../../../src/discord/things.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import type { File } from '../../discord/drive/driven-user.js';
import { embedded, SIDE } from '../../embedded.js';
import { difference, piecesOf, pixels, Studio } from './harness.js';

// Requests whose pictures differ in more than the seed: alternatives in the prompt, and tables.

/** A picture and the line beside it. */
const CELL = SIDE + 2;

let studio: Studio;
let channel: Channel;
beforeAll(async () => {
  studio = await Studio.start({ USER_QUEUE: '10' });
  channel = studio.channel('varied');
});
afterAll(() => studio.stop());

type Menu = { type: number; custom_id: string; options: { label: string; value: string }[] };
const menusOf = (message: Message) =>
  (message.components as unknown as { components: Menu[] }[])
    .map(({ components }) => components[0]!)
    .filter((c) => c.options);

async function grid(values: Record<string, string | number>, user = studio.alice): Promise<Message> {
  const { message } = await studio.discord.as(user).run(channel, 'grid', { prompt: 'a red apple', seed: 5, ...values });
  return studio.finished(message);
}

describe('alternatives in a prompt', () => {
  test('are painted one picture each, from the same seed, as each prompt alone would be', async () => {
    const result = await studio.imagine(studio.alice, channel, {
      prompt: 'a {red|blue} apple',
      steps: 4,
      seed: 9,
      count: 4,
    });
    const [red, blue] = await piecesOf(studio.discord.file(result), 2);
    const alone = await studio.imagine(studio.alice, channel, { prompt: 'a blue apple', steps: 4, seed: 9, count: 1 });
    const file = studio.discord.file(alone);
    expect(await difference(blue!, file)).toBe(0);
    expect(await difference(red!, file)).toBeGreaterThan(1);
    expect(result.content).toContain('1 a red apple · 2 a blue apple');
    expect(studio.discord.as(studio.alice).labels(result)).toEqual([
      'U1',
      'U2',
      'V1',
      'V2',
      'S1',
      'S2',
      '🔁',
      '✏️',
      '💾',
      '🗑️',
    ]);
  });

  test('a variation of one is of its own prompt', async () => {
    const result = await studio.imagine(studio.alice, channel, {
      prompt: '{a fox|an owl}',
      steps: 2,
      seed: 9,
      count: 4,
    });
    const { message } = await studio.discord.as(studio.bob).press(result, 'V2');
    const varied = await studio.finished(message);
    expect(varied.content).toContain('**an owl**');
    expect((await piecesOf(studio.discord.file(varied), 4)).length).toBe(4);
  });

  test('more than four are chosen from menus', async () => {
    const prompt = '{a red|a blue|a green} {apple|pig}';
    const { message } = await studio.discord.as(studio.alice).run(channel, 'imagine', { prompt, steps: 2, seed: 1 });
    const result = await studio.finished(message);
    const { width, height } = await sharp(studio.discord.file(result)).metadata();
    expect([width, height]).toEqual([3 * CELL + 2, 2 * CELL + 2]);
    const [enlarge, vary, subtle] = menusOf(result);
    expect(enlarge!.options.map(({ label }) => label)[3]).toBe('4 · a blue pig');
    const picked = await studio.discord.as(studio.bob).pick(result, vary!.custom_id, ['4']);
    expect((await studio.finished(picked.message)).content).toContain('**a blue pig**');
    const again = await studio.discord.as(studio.bob).pick(result, subtle!.custom_id, ['4']);
    const nearly = await studio.finished(again.message);
    expect(nearly.content).toContain('Variations of picture 4 (subtle)');
    expect(await studio.made(nearly)).toMatchObject({ prompt: 'a blue pig', seed: 1, variationStrength: 0.2 });
  });

  test('with a count, that many are chosen by the seed; again chooses others', async () => {
    // Of ten thousand: that two seeds choose the same two by chance happens once in fifty million times.
    const prompt = `a red apple ${`{${[...'0123456789'].join('|')}}`.repeat(4)}`;
    const [one, same] = [
      await studio.imagine(studio.alice, channel, { prompt, count: 2, seed: 3 }),
      await studio.imagine(studio.alice, channel, { prompt, count: 2, seed: 3 }),
    ];
    const chosen = ({ content }: Message) => content.split('\n').at(-1);
    expect(chosen(one)).toBe(chosen(same));
    const again = await studio.discord.as(studio.alice).press(one, '🔁');
    expect(chosen(await studio.finished(again.message))).not.toBe(chosen(one));
  });

  test('that are too many are refused, with the remedy', async () => {
    const prompt = '{a|b|c|d|e|f}{a|b|c|d|e|f}';
    const { message } = await studio.discord.as(studio.bob).run(channel, 'imagine', { prompt, steps: 2 });
    expect(message.onlyFor).toBe(studio.bob.id);
    expect(message.content).toMatch(/36 pictures.*25/);
  });

  test('are painted from pictures as well, but what a picture says of itself has none', async () => {
    const { discord, alice } = studio;
    const own = await studio.imagine(alice, channel, { prompt: 'a \\{red|blue\\} apple' });
    const image = { name: 'a.png', bytes: discord.file(own) };
    const pictures: Record<string, Record<string, File>> = { vary: { image }, blend: { image1: image, image2: image } };
    for (const [name, from] of Object.entries(pictures)) {
      const run = async (prompt: Record<string, string | number>) => {
        const { message } = await discord.as(alice).run(channel, name, { ...from, seed: 3, ...prompt });
        return studio.finished(message);
      };
      const both = await run({ prompt: '{a fox|an owl|a pig} --steps 2', count: 2 });
      expect(both.content, name).toMatch(/1 an? \w+ · 2 an? \w+/);
      expect(discord.as(alice).labels(both)).toContain('U2');
      expect(discord.as(alice).labels(both)).not.toContain('U3');
      expect((await studio.made(await run({ count: 1 }))).prompt, name).toContain('a {red|blue} apple');
    }
  });

  test('edited away, leave an ordinary request', async () => {
    const result = await studio.imagine(studio.alice, channel, { prompt: 'a {red|blue} apple' });
    const modal = await studio.discord.as(studio.alice).press(result, '✏️');
    const edited = await studio.discord.as(studio.alice).submit(modal, { prompt: 'a green apple' });
    expect((await studio.finished(edited.message)).content).not.toContain('1 a');
  });

  test('a refused word in one of them refuses all', async () => {
    await studio.bot.app.settings.change(studio.guild.id, { words: ['red clown'] });
    const { message } = await studio.discord.as(studio.bob).run(channel, 'imagine', { prompt: '{blue|red} clown' });
    expect(message.content).toContain('"red clown"');
    await studio.bot.app.settings.change(studio.guild.id, { words: [] });
  });
});

describe('/grid', () => {
  let table: Message;
  beforeAll(async () => {
    table = await grid({ across: 'steps: 1, 2, 4', down: 'scale: 2, 6' });
  });

  test('lays one seed out as a labelled table, every cell as it would be painted alone', async () => {
    const file = studio.discord.file(table);
    const { width, height } = await sharp(file).metadata();
    expect(width).toBeGreaterThan(3 * CELL + 2);
    expect(height).toBeGreaterThan(2 * CELL + 2);
    // The last cell is in the lower right corner, two pixels from the edges.
    const cell = await sharp(file)
      .extract({ left: width - CELL, top: height - CELL, width: SIDE, height: SIDE })
      .png()
      .toBuffer();
    const alone = await studio.imagine(studio.alice, channel, { steps: 4, scale: 6, seed: 5, count: 1 });
    expect(await difference(cell, studio.discord.file(alone))).toBe(0);
    expect(await readMetadata(file)).toMatchObject({
      prompt: 'a red apple',
      steps: 1,
      scale: 2,
      seed: 5,
      batchSize: 6,
    });
  });

  test('has words in its margins', async () => {
    const file = studio.discord.file(table);
    const { width, height } = await sharp(file).metadata();
    const dark = async (left: number, top: number, w: number, h: number) =>
      (await pixels(await sharp(file).extract({ left, top, width: w, height: h }).png().toBuffer(), w, h)).filter(
        (v) => v < 100,
      ).length;
    const [left, top] = [width - (3 * CELL + 2), height - (2 * CELL + 2)];
    for (let column = 0; column < 3; column++)
      expect(await dark(left + column * CELL, 0, CELL, top)).toBeGreaterThan(50);
    for (let row = 0; row < 2; row++) expect(await dark(0, top + row * CELL, left, CELL)).toBeGreaterThan(50);
    expect(await dark(0, 0, left, top)).toBe(0);
  });

  test('each of its pictures can be enlarged, also when only Discord still has it', async () => {
    const [enlarge] = menusOf(table);
    expect(enlarge!.options.map(({ label }) => label)).toEqual([
      '1 · scale 2, 1 step',
      '2 · scale 2, 2 steps',
      '3 · scale 2, 4 steps',
      '4 · scale 6, 1 step',
      '5 · scale 6, 2 steps',
      '6 · scale 6, 4 steps',
    ]);
    const enlarged = async () => {
      const { message } = await studio.discord.as(studio.alice).pick(table, enlarge!.custom_id, ['6']);
      return studio.discord.file(await studio.finished(message));
    };
    const cached = await enlarged();
    rmSync(join(studio.dataDir, 'pictures'), { recursive: true });
    await studio.restart();
    expect(await difference(await enlarged(), cached)).toBeLessThan(2);
  });

  test('of words replaces the first by the others', async () => {
    const result = await grid({ across: 'words: red, blue', down: 'sampler: DDIM, Euler a' });
    expect(menusOf(result)).toEqual([]);
    expect(studio.discord.as(studio.alice).labels(result).slice(0, 4)).toEqual(['U1', 'U2', 'U3', 'U4']);
    const { message } = await studio.discord.as(studio.alice).press(result, 'V4');
    const varied = await studio.finished(message);
    expect(varied.content).toContain('**a blue apple**');
    expect(await studio.made(varied)).toMatchObject({ sampler: 'Euler a' });
  });

  test.each(['\u200b', '\u202e'])(
    'of words that cannot be seen (%j) is painted, and the bot lives on',
    async (word) => {
      const { width, height } = await sharp(
        studio.discord.file(await grid({ across: `words: red, ${word}` })),
      ).metadata();
      expect(width).toBe(2 * CELL + 2);
      expect(height).toBeGreaterThan(CELL + 2);
    },
  );

  test('of seeds paints what each seed paints', async () => {
    const file = studio.discord.file(await grid({ across: 'seeds: 3, 4' }));
    const { width, height } = await sharp(file).metadata();
    const last = { left: width - CELL, top: height - CELL, width: SIDE, height: SIDE };
    const alone = await studio.imagine(studio.alice, channel, { steps: embedded.card.steps, seed: 4 });
    expect(await difference(await sharp(file).extract(last).png().toBuffer(), studio.discord.file(alone))).toBe(0);
  });

  test.each([
    [{ across: 'colour: red, blue' }, 'colour: red, blue'],
    [{ across: 'steps' }, '"steps"'],
    [{ across: 'steps: 5' }, 'two to 5'],
    [{ across: 'steps: 5, 6, 7, 8, 9, 10' }, 'two to 5'],
    [{ across: 'steps: 5, many' }, '"many"'],
    [{ across: 'steps: 5, 0' }, '"0"'],
    [{ across: 'scale: 5, ' }, 'two to 5'],
    [{ across: 'scale: 5, , 6' }, '""'],
    [{ across: 'sampler: ddim, magic' }, '"magic"'],
    [{ across: 'steps: 5, 6', down: 'steps: 7, 8' }, 'cannot both'],
    [{ across: 'words: green, blue' }, '"green"'],
  ])('%j is refused in words', async (values, words) => {
    const { message } = await studio.discord.as(studio.bob).run(channel, 'grid', { prompt: 'a red apple', ...values });
    expect(message.onlyFor).toBe(studio.bob.id);
    expect(message.content).toContain(words);
  });

  test('suggests what can change, and never replaces the typed text by an example', async () => {
    const suggested = await studio.discord
      .as(studio.bob)
      .autocomplete(channel, 'grid', 'across', 'st', { prompt: 'a fox' });
    expect(suggested.map(({ value }) => value)).toEqual(['steps: 5, 10, 20']);
    const typed = await studio.discord
      .as(studio.bob)
      .autocomplete(channel, 'grid', 'across', 'steps: 5', { prompt: 'a fox' });
    expect(typed[0]!.value).toBe('steps: 5');
    // The option allows 200 characters, a choice 100.
    const across = `prompt: ${'a fox, '.repeat(20)}`;
    const long = await studio.discord.as(studio.bob).autocomplete(channel, 'grid', 'across', across, { prompt: 'a' });
    expect(long).toEqual([]);
    expect(studio.log).toEqual([]);
  });

  describe('for somebody who reads German', () => {
    let reader: User;
    beforeAll(() => {
      reader = studio.discord.createUser('leserin', { locale: 'de' });
      studio.discord.join(studio.guild, reader);
    });
    afterEach(() => studio.bot.app.settings.change(studio.guild.id, { language: null }));

    test('suggests and understands German names, and the English of the documentation', async () => {
      const values = await studio.discord.as(reader).autocomplete(channel, 'grid', 'across', 's', { prompt: 'a fox' });
      expect(values.map(({ value }) => value)).toEqual([
        'Schritte: 5, 10, 20',
        'Seeds: 1, 2, 3',
        'Sampler: ddim, plms, euler',
      ]);
      const [enlarge] = menusOf(await grid({ across: 'schritte: 1, 2, 4', down: 'scale: 2, 6' }, reader));
      expect(enlarge!.options[5]!.label).toBe('6 · Guidance 6, 4 Schritte');
    });

    test('says in German what it does not understand', async () => {
      const told = async (across: string, down = 'scale: 2, 4') => {
        const values = { prompt: 'a red apple', across, down };
        return (await studio.discord.as(reader).run(channel, 'grid', values)).message.content;
      };
      expect(await told('farbe: rot, blau')).toContain('Schritte, Guidance, Seeds, Sampler, Wörter');
      expect(await told('steps: 5')).toContain('für Schritte');
      expect(await told('steps: 5, viele')).toMatch(/„viele“.*Schritte/);
      expect(await told('guidage: 5, 6')).toContain('Guidance');
    });

    test('lays out in the language of the server what everybody sees', async () => {
      await studio.bot.app.settings.change(studio.guild.id, { language: 'fr' });
      const [enlarge] = menusOf(await grid({ across: 'Schritte: 1, 2, 4', down: 'Guidance: 2, 6' }, reader));
      expect(enlarge!.options[5]!.label).toBe('6 · guidage 6, 4 étapes');
    });
  });
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log.filter(({ level }) => level === 'error')).toEqual([]);
});
