import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sizeToEnlarge } from '../../../src/bot/models/models.js';
import type { Channel, Message } from '../../../src/discord/things.js';
import { loadPicture } from '../../../src/engine/image/load.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { cut } from '../../../src/engine/image/region.js';
import type { File } from '../../discord/drive/driven-user.js';
import { embedded, SIDE } from '../../embedded.js';
import { Studio } from './harness.js';

// What is painted around a picture, and in a region of it, by the buttons under an enlarged one.

let studio: Studio;
let channel: Channel;
/** Twice as large as it was painted. */
const LARGE = 2 * SIDE;
let enlarged: Message;
beforeAll(async () => {
  studio = await Studio.start({ UPSCALER: 'none' });
  channel = studio.channel('canvas');
  const painted = await studio.imagine(studio.alice, channel);
  enlarged = await press(painted, 'U1');
});
afterAll(() => studio.stop());

const around = (margin: number) => ['left', 'right', 'top', 'bottom'].map((edge) => `${edge} ${margin}`).join(', ');
const alice = () => studio.discord.as(studio.alice);
const press = async (message: Message, which: string) => studio.finished((await alice().press(message, which)).message);
const pixelsOf = (message: Message) => loadPicture(studio.discord.file(message));
const all = ({ width, height }: Pixels) => ({ left: 0, top: 0, width, height });

/** White in a rectangle, black elsewhere. */
async function maskOf(
  width: number,
  height: number,
  white = { left: 40, top: 60, width: 50, height: 40 },
): Promise<File> {
  const black = sharp({ create: { width, height, channels: 3, background: '#000' } });
  const input = { create: { width: white.width, height: white.height, channels: 3, background: '#fff' } } as const;
  const bytes = await black
    .composite([{ input, left: white.left, top: white.top }])
    .png()
    .toBuffer();
  return { name: 'mask.png', bytes };
}

/** How many bytes differ inside the rectangle of {@link maskOf}, and outside. */
function differences(before: Pixels, after: Pixels): { inside: number; outside: number } {
  const differ = { inside: 0, outside: 0 };
  before.data.forEach((value, i) => {
    const [x, y] = [((i / 3) | 0) % before.width, ((i / 3) | 0) / before.width];
    const inside = x >= 40 && x < 90 && y >= 60 && y < 100;
    if (value !== after.data[i]) differ[inside ? 'inside' : 'outside']++;
  });
  return differ;
}

test('the buttons are under an enlarged picture, in four rows, and under no other', async () => {
  expect(enlarged.components!.length).toBe(4);
  const labels = alice().labels(enlarged);
  const around = ['⬅️', '➡️', '⬆️', '⬇️', 'Zoom out 1.5×', 'Zoom out 2×', 'Custom zoom…'];
  expect(labels).toEqual(['V1', 'S1', 'Vary region…', ...around, '🔁', '✏️', '🗑️']);
});

describe('after a restart', () => {
  let wide: Message;
  beforeAll(() => studio.restart());

  test('an arrow paints half as much again, and leaves the old part as it was to the pixel', async () => {
    wide = await press(enlarged, '➡️');
    expect(wide.content).toContain(`Picture 1, with more around it · ${1.5 * LARGE}×${LARGE}`);
    const [before, after] = [await pixelsOf(enlarged), await pixelsOf(wide)];
    // The seam is two latents wide.
    const kept = { ...all(before), width: LARGE - 2 * embedded.downsampling };
    expect(cut(after, kept)).toEqual(cut(before, kept));
    expect((await studio.made(wide)).outpaint).toBe(`right ${LARGE / 2}`);
  });

  test('what is no square can be made one', async () => {
    expect(alice().labels(wide)).toContain('Make square');
    const square = await press(wide, 'Make square');
    // Half as much again on both sides is more than the model paints at once.
    expect(await pixelsOf(square)).toMatchObject({ width: 2.75 * SIDE, height: 2.75 * SIDE });
    expect(alice().labels(square)).not.toContain('Make square');
  });

  test('zooming out keeps the size, and shrinks the picture', async () => {
    const out = await press(enlarged, 'Zoom out 2×');
    expect(await pixelsOf(out)).toMatchObject({ width: LARGE, height: LARGE });
    expect((await studio.made(out)).outpaint).toBe(around(LARGE / 4));
    expect((await studio.made(out)).prompt).toBe('a red apple');
  });

  test('a zoom of one’s own has its factor and its words, and refuses others', async () => {
    studio.alice.locale = 'de';
    const form = await alice().press(enlarged, 'Custom zoom…');
    studio.alice.locale = 'en-US';
    if (form.answer.kind !== 'modal') throw new Error('There is no form.');
    expect(form.answer.modal.title).toBe('Herauszoomen');
    const refused = await alice().submit(form, { factor: '9' });
    expect(refused.message.content).toContain('from 1.1 to 4');
    const outcome = await alice().submit(form, { factor: '1,6', prompt: 'a red apple on a plate' });
    const made = await studio.made(await studio.finished(outcome.message));
    expect(made).toMatchObject({ prompt: 'a red apple on a plate', outpaint: around((3 * LARGE) / 16) });
  });
});

describe('vary region', () => {
  test('repaints what is white in the uploaded mask, and no other pixel', async () => {
    const form = await alice().press(enlarged, 'Vary region…');
    const outcome = await alice().submit(form, { prompt: 'a green leaf', mask: await maskOf(LARGE, LARGE) });
    const varied = await studio.finished(outcome.message);
    expect(varied.content).toContain(`Picture 1, a region varied · ${LARGE}×${LARGE}`);
    const { inside, outside } = differences(await pixelsOf(enlarged), await pixelsOf(varied));
    expect(inside).toBeGreaterThan(1000);
    expect(outside).toBe(0);
    expect(alice().labels(varied)).toContain('➡️');
    expect(await studio.made(varied)).toMatchObject({ prompt: 'a green leaf', inpaintArea: 'Only masked' });
  });

  test('refuses a mask of another size, and deletes what was uploaded', async () => {
    const form = await alice().press(enlarged, 'Vary region…');
    const refused = await alice().submit(form, { prompt: 'a leaf', mask: await maskOf(128, 128) });
    expect(refused.message.content).toContain(`The mask is 128×128 but the picture is ${LARGE}×${LARGE}`);
    const text = { name: 'mask.png', bytes: Buffer.from('no picture') };
    expect((await alice().submit(form, { prompt: 'a leaf', mask: text })).message.content).toMatch(/PNG|picture/);
  });
});

test('/inpaint area: masked keeps the size of any picture, and every pixel outside the mask', async () => {
  const bytes = await sharp({ create: { width: 301, height: 203, channels: 3, background: '#5599cc' } })
    .png()
    .toBuffer();
  const { message } = await alice().run(channel, 'inpaint', {
    image: { name: 'photo.png', bytes },
    mask: await maskOf(301, 203),
    prompt: 'a red apple',
    area: 'masked',
    count: 1,
    seed: 3,
  });
  const result = await studio.finished(message);
  const { inside, outside } = differences(await loadPicture(bytes), await pixelsOf(result));
  expect([inside > 1000, outside]).toEqual([true, 0]);
  expect(await studio.made(result)).toMatchObject({ width: 301, height: 203, maskedPadding: 32 });
  // Its sides are no multiples of what the model paints: it is fitted before it is enlarged.
  const [width, height] = sizeToEnlarge(embedded, [301, 203]);
  expect(await pixelsOf(await press(result, 'U1'))).toMatchObject({ width: 2 * width, height: 2 * height });
});

test('a mask that is black everywhere fails with what to do about it', async () => {
  const bytes = await sharp({ create: { width: 128, height: 128, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
  const file = { name: 'black.png', bytes };
  const given = { image: file, mask: file, prompt: 'a red apple', area: 'masked' };
  const { message } = await alice().run(channel, 'inpaint', given);
  await expect.poll(() => studio.discord.message(message).content, { timeout: 60_000 }).toContain('black everywhere');
});
