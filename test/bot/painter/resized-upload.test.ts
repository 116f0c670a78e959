import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { maskFrom, resizedUpload } from '../../../src/bot/painter/resized-upload.js';

const size = { width: 8, height: 8 };
type Colour = readonly [number, number, number, number];
const CLEAR: Colour = [0, 0, 0, 0];
const RED: Colour = [255, 0, 0, 255];
const WHITE: Colour = [255, 255, 255, 255];
const BLACK: Colour = [0, 0, 0, 255];
/** Left half of one colour, right half of another. */
const halves = (one: Colour, other: Colour) =>
  sharp(Buffer.from(Array.from({ length: 64 }, (_, k) => (k % 8 < 4 ? one : other)).flat()), {
    raw: { width: 8, height: 8, channels: 4 },
  });
/** The grey of the left and the right edge. */
async function edges(mask: Uint8Array | null) {
  const { data, info } = await sharp(mask!).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 8, height: 8, channels: 1 });
  return [data[0], data[7]];
}

test.each([
  ['RGBA', (image: Sharp) => image.png()],
  ['a palette', (image: Sharp) => image.png({ palette: true })],
  ['16 bits', (image: Sharp) => image.toColourspace('rgb16').png()],
  ['WebP', (image: Sharp) => image.webp({ lossless: true })],
])('what is transparent is white in the mask: %s', async (_, encode) => {
  const file = await encode(halves(CLEAR, RED)).toBuffer();
  expect(await edges(await maskFrom(file, size, { repaint: 'transparent', how: 'stretch', blur: 0 }))).toEqual([
    255, 0,
  ]);
});

test('light or dark counts by brightness, and on transparent ground what is drawn, in any colour', async () => {
  const file = await halves(WHITE, BLACK).png().toBuffer();
  const read = async (repaint: 'light' | 'dark', of = file) =>
    edges(await maskFrom(of, size, { repaint, how: 'stretch', blur: 0 }));
  expect(await read('light')).toEqual([255, 0]);
  expect(await read('dark')).toEqual([0, 255]);
  expect(await read('light', await halves([255, 255, 255, 0], WHITE).png().toBuffer())).toEqual([0, 255]);
  expect(await read('light', await halves(BLACK, CLEAR).png().toBuffer())).toEqual([255, 0]);
  expect(await read('dark', await halves(BLACK, CLEAR).png().toBuffer())).toEqual([0, 255]);
  expect(await read('light', await halves([9, 9, 9, 120], RED).webp({ lossless: true }).toBuffer())).toEqual([0, 255]);
});

test('a mask that repaints nothing is none', async () => {
  const opaque = await halves(WHITE, [128, 128, 128, 255]).jpeg().toBuffer();
  expect(await maskFrom(opaque, size, { repaint: 'transparent', how: 'stretch', blur: 0 })).toBeNull();
});

test('blur softens the edge, and a mask is stretched or cut as its picture is', async () => {
  const file = await halves(WHITE, BLACK).png().toBuffer();
  const wide = { width: 16, height: 8 };
  const row = async (how: 'stretch' | 'cover', blur: number) => {
    const mask = await maskFrom(file, wide, { repaint: 'light', how, blur });
    return [...(await sharp(mask!).extractChannel(0).raw().toBuffer()).subarray(0, 16)];
  };
  expect(new Set(await row('stretch', 2)).size).toBeGreaterThan(4);
  expect((await row('cover', 0)).filter((grey) => grey === 255).length).toBeGreaterThanOrEqual(6);
});

test('a picture comes in the size that was asked for, cut or stretched', async () => {
  const file = await halves(WHITE, BLACK).png().toBuffer();
  for (const how of ['stretch', 'cover'] as const) {
    const png = await resizedUpload(file, { width: 12, height: 4 }, how);
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 12, height: 4, channels: 3 });
  }
});
