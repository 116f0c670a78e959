import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sizeToEnlarge } from '../../../src/bot/models/models.js';
import { usualFactor } from '../../../src/bot/models/upscalers.js';
import type { Size } from '../../../src/bot/request/size.js';
import type { Message } from '../../../src/discord/things.js';
import { embedded, SIDE } from '../../embedded.js';
import { QUICK, Studio } from './harness.js';

// The sizes of pictures, and what is said about them. The model that ships paints squares of four steps a side.

/** What becomes of a photo of three by two. */
const FITTED = [1.5 * SIDE, SIDE] as const;
const [WIDE, HIGH] = [FITTED.join('×'), FITTED.toReversed().join('×')];
const timesAs = (factor: number, [width, height]: Size) => `${width * factor}×${height * factor}`;

let studio: Studio;
beforeAll(async () => {
  studio = await Studio.start();
});
afterAll(() => studio.stop());

async function sizeOf(message: Message): Promise<string> {
  const { width, height } = await sharp(studio.discord.file(message)).metadata();
  return `${width}×${height}`;
}

async function photo(width: number, height: number, orientation?: number) {
  const create = { width, height, channels: 3, background: '#c02030' } as const;
  const bytes = await sharp({ create }).jpeg().withMetadata({ orientation }).toBuffer();
  return { name: 'photo.jpg', bytes };
}

async function run(command: string, values: Record<string, unknown>): Promise<Message> {
  const { discord, alice, general } = studio;
  const { message } = await discord.as(alice).run(general, command, values as never);
  return studio.finished(message);
}

describe('a large photo is fitted to the model before anything is painted, and its real size is said', () => {
  test.each([
    ['vary', { count: 1 }, WIDE],
    ['imagine', { prompt: 'a red apple', ...QUICK }, WIDE],
  ])('/%s', async (command, values, size) => {
    const result = await run(command, { ...values, image: await photo(1200, 800) });
    expect(await sizeOf(result)).toBe(size);
    expect(result.content).toContain(size);
  });

  test('/inpaint, with its mask', async () => {
    const image = await photo(600, 400);
    const result = await run('inpaint', { prompt: 'a red apple', count: 1, image, mask: image });
    expect(await sizeOf(result)).toBe(WIDE);
  });

  test('as it is seen: turned as its EXIF says', async () => {
    const result = await run('vary', { count: 1, image: await photo(1200, 800, 6) });
    expect(await sizeOf(result)).toBe(HIGH);
    expect(result.content).toContain(HIGH);
  });

  test('one that is too small is enlarged', async () => {
    expect(await sizeOf(await run('vary', { count: 1, image: await photo(40, 40) }))).toBe(`${SIDE}×${SIDE}`);
  });

  test('the buttons go on in the same size, and back to the model’s below an enlarged one', async () => {
    const { discord, bob } = studio;
    const varied = await run('vary', { count: 1, image: await photo(1200, 800) });
    const large = await studio.finished((await discord.as(bob).press(varied, 'U1')).message);
    expect(await sizeOf(large)).toBe(
      timesAs(usualFactor(studio.bot.app.models, embedded.card.upscaler!, FITTED), FITTED),
    );
    expect(large.content).not.toMatch(/strength|step/);
    const again = await studio.finished((await discord.as(bob).press(large, 'V1')).message);
    expect(again.content).toContain(WIDE);
  });

  test('/upscale doubles what is not too large, and says what it shrank before', async () => {
    expect(await sizeOf(await run('upscale', { image: await photo(192, 128) }))).toBe('384×256');
    const shrunken = sizeToEnlarge(embedded, [1200, 800]);
    const shrunk = await run('upscale', { image: await photo(1200, 800) });
    expect(await sizeOf(shrunk)).toBe(timesAs(2, shrunken));
    expect(shrunk.content).toContain(`was shrunk to ${shrunken.join('×')}`);
  });
});

test('every aspect ratio on offer is the one that is painted', async () => {
  const { discord, application } = studio;
  const commands = application.commands.get('')!;
  const imagine = commands.find(({ name }) => name === 'imagine') as unknown as {
    options: { name: string; choices: { name: string; value: string; name_localizations: Record<string, string> }[] }[];
  };
  const { choices } = imagine.options.find(({ name }) => name === 'aspect')!;
  expect(choices.map(({ name }) => name)).toEqual(['Square', 'Portrait 3:5', 'Landscape 5:3']);
  expect(choices[1]!.name_localizations).toMatchObject({ de: 'Hochformat 3:5', ja: '縦長 3:5' });
  for (const { name, value } of choices.slice(1)) {
    const file = discord.file(await studio.imagine(studio.alice, studio.general, { aspect: value }));
    const { width, height } = await sharp(file).metadata();
    const [across, down] = name.match(/\d+/g)!.map(Number);
    expect(width * down!).toBe(height * across!);
  }
});
