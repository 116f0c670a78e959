import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import type { File } from '../../discord/drive/driven-user.js';
import { SIDE } from '../../embedded.js';
import { difference, Studio } from './harness.js';

let studio: Studio;
let channel: Channel;
beforeAll(async () => {
  studio = await Studio.start();
  channel = studio.channel('blend');
});
afterAll(() => studio.stop());

const plain = async (background: string, width: number, height: number): Promise<File> => {
  const made = sharp({ create: { width, height, channels: 3, background } });
  return { name: `${background}.png`, bytes: await made.png().toBuffer() };
};

async function pressed(message: Message, label: string): Promise<Message> {
  const outcome = await studio.discord.as(studio.alice).press(message, label);
  return studio.finished(outcome.message);
}

async function run(name: string, values: Record<string, string | number | File>): Promise<Message> {
  return (await studio.discord.as(studio.alice).run(channel, name, values)).message;
}

const colours = async (message: Message) =>
  (await sharp(studio.discord.file(message)).stats()).channels.map(({ mean }) => Math.round(mean));

describe('/blend', () => {
  test('paints from its pictures by their weights, in the shape of the first, says so, and its buttons work', async () => {
    const [red, blue] = [await plain('red', 150, 100), await plain('blue', 60, 300)];
    const given = { image1: red, image2: blue, strength: 0, count: 1, seed: 5 };
    const even = await studio.finished(await run('blend', given));
    expect(even.content).toContain('2 pictures laid over each other (50% + 50%) and painted over at strength 0');
    expect(even.content).toContain(`${1.5 * SIDE}×${SIDE}`);
    const most = await studio.finished(await run('blend', { ...given, weights: '3; 1' }));
    const [[r, , b], [more, , less]] = [await colours(even), await colours(most)];
    expect(more).toBeGreaterThan(r! + 20);
    expect(less).toBeLessThan(b! - 20);
    expect(await studio.made(most)).toMatchObject({ blend: '75% + 25%', strength: 0 });

    // With a restart in between: everything that is needed is on the disk.
    await studio.restart();
    const again = await pressed(even, '🔁');
    expect(await difference(studio.discord.file(again), studio.discord.file(even))).toBeLessThan(8);
    expect((await pressed(even, 'V1')).content).toContain('Variations of picture 1');
    expect((await pressed(even, 'U1')).content).toContain('enlarged');
  });

  test('paints as its member prefers where nothing else is chosen', async () => {
    const { bot, alice, guild } = studio;
    const styles = [{ name: 'Ink', prompt: '{prompt} in ink', negative: 'paint' }];
    await bot.app.settings.change(guild.id, { styles });
    await bot.app.preferences.change(alice.id, { style: 'Ink', negative: 'blurry', count: 1, speed: 'fast' });
    const [image1, image2] = [await plain('red', SIDE, SIDE), await plain('blue', SIDE, SIDE)];
    const blend = await studio.finished(await run('blend', { image1, image2, prompt: 'an apple --steps 2' }));
    const made = await studio.made(blend);
    expect(made).toMatchObject({ prompt: 'an apple in ink', negative: 'blurry, paint', speed: 'fast' });
    const chosen = await studio.finished(await run('blend', { image1, image2, prompt: 'an apple --no red --steps 2' }));
    expect(await studio.made(chosen)).toMatchObject({ negative: expect.not.stringContaining('blurry') });
    await bot.app.preferences.change(alice.id, {
      style: undefined,
      negative: undefined,
      count: undefined,
      speed: undefined,
    });
    await bot.app.settings.change(guild.id, { styles: [] });
  });

  test('takes the prompts of its pictures, and refuses what is no weight or no picture', async () => {
    const apple = await studio.imagine(studio.alice, channel, { prompt: 'a red apple' });
    const [image1, image2] = [apple, apple].map((message) => ({
      name: 'a.png',
      bytes: studio.discord.file(message),
    })) as [File, File];
    const image3 = await plain('white', SIDE, SIDE);
    const blend = await studio.finished(await run('blend', { image1, image2, image3, count: 1 }));
    expect(blend.content).toContain('**a red apple**');
    expect(blend.content).toContain('(33% + 33% + 33%)');
    const refusal = await run('blend', { image1, image2, weights: '1, 2, 3' });
    expect(refusal).toMatchObject({ onlyFor: studio.alice.id, content: expect.stringContaining('must be 2 numbers') });
    const text = { name: 'b.png', bytes: Buffer.from('no picture') };
    expect((await run('blend', { image1, image2: text })).content).toContain('not a picture');
  });
});

describe('/imagine tile', () => {
  /** How much more opposite edges differ than lines next to each other. */
  async function seam(file: Uint8Array): Promise<number> {
    const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const between = (a: number, b: number) => {
      let sum = 0;
      for (let y = 0; y < info.height; y++)
        for (let c = 0; c < 3; c++)
          sum += Math.abs(data[(y * info.width + a) * 3 + c]! - data[(y * info.width + b) * 3 + c]!);
      return sum / info.height / 3;
    };
    const inner = [1, 2, info.width - 3].map((x) => between(x, x + 1));
    return between(info.width - 1, 0) / (Math.max(...inner) + 1);
  }

  test('paints a tile that joins, shows it two by two to whoever asks, and so do the pictures made from it', async () => {
    const tile = await studio.imagine(studio.alice, channel, { prompt: 'cherry blossom', tile: 'both', steps: 6 });
    expect(tile.content).toContain(`Seamless tile · ${SIDE}×${SIDE}`);
    expect(await studio.made(tile)).toMatchObject({ tiling: 'True' });
    expect(await seam(studio.discord.file(tile))).toBeLessThan(2);
    expect(studio.discord.as(studio.alice).labels(tile)).toEqual(['U1', 'V1', 'S1', 'T1', '🔁', '✏️', '🗑️']);

    const { message } = await studio.discord.as(studio.bob).press(tile, 'T1');
    const shown = await studio.discord.until(() => {
      const now = studio.discord.message(message);
      return now.attachments.length > 0 && now;
    });
    expect(shown).toMatchObject({ onlyFor: studio.bob.id, content: 'Picture 1, 2×2 copies:' });
    const four = sharp(studio.discord.file(shown));
    expect(await four.metadata()).toMatchObject({ width: 2 * SIDE, height: 2 * SIDE });
    const last = await four.extract({ left: SIDE, top: SIDE, width: SIDE, height: SIDE }).png().toBuffer();
    expect(await difference(last, studio.discord.file(tile))).toBeLessThan(1);

    for (const label of ['V1', 'U1']) {
      const made = await pressed(tile, label);
      expect(await studio.made(made), label).toMatchObject({ tiling: 'True' });
      expect(studio.discord.as(studio.alice).labels(made), label).toContain('T1');
    }
  });

  test('joins at two edges only, where it was told so, and says it in the language of the reader', async () => {
    const message = await studio.imagine(studio.alice, channel, { tile: 'x' });
    expect(message.content).toContain('Seamless tile: Left and right');
    const reader = studio.discord.createUser('reader', { locale: 'de' });
    studio.discord.join(studio.guild, reader);
    const { message: answer } = await studio.discord.as(reader).press(message, 'T1');
    const shown = await studio.discord.until(() => {
      const now = studio.discord.message(answer);
      return now.attachments.length > 0 && now;
    });
    expect(shown.content).toBe('Bild 1, 2×1 Kopien:');
    expect(await sharp(studio.discord.file(shown)).metadata()).toMatchObject({ width: 2 * SIDE, height: SIDE });
  });
});

test('the options of both are there in every language', () => {
  const commands = studio.application.commands.get('')! as unknown as {
    name: string;
    name_localizations: Record<string, string>;
    options: { name: string; choices?: { value: string }[] }[];
  }[];
  const blend = commands.find(({ name }) => name === 'blend')!;
  expect(blend.name_localizations).toMatchObject({ de: 'mischen', fr: 'mélanger', 'es-ES': 'mezclar', ja: 'ブレンド' });
  const tile = commands.find(({ name }) => name === 'imagine')!.options.find(({ name }) => name === 'tile');
  expect(tile!.choices!.map(({ value }) => value)).toEqual(['both', 'x', 'y']);
});
