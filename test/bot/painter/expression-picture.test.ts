import { randomBytes } from 'node:crypto';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { KINDS } from '../../../src/bot/expressions/kinds.js';
import { expressionPicture } from '../../../src/bot/painter/expression-picture.js';

const drawn = (body: string, width = 256, height = 256) =>
  sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${body}</svg>`));

/** Colour and alpha at a place, given as shares of the sides. */
async function at(png: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const i = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 4;
  return [...data.subarray(i, i + 4)];
}

const WHITE = '<rect width="100%" height="100%" fill="white"/>';
const DISC = '<circle cx="128" cy="128" r="70" fill="#c01020"/>';
const RING = `${DISC}<circle cx="128" cy="128" r="20" fill="white"/>`;

describe('a subject before a plain background', () => {
  test.each([
    ['PNG', (picture: Sharp) => picture.png()],
    ['JPEG, with its noise', (picture: Sharp) => picture.jpeg({ quality: 70 })],
  ])('is cut out and fills the square; what it encloses stays (%s)', async (_, encoded) => {
    const png = await expressionPicture(await encoded(drawn(WHITE + RING)).toBuffer(), 128);
    expect((await at(png, 0, 0))[3]).toBe(0);
    expect(await at(png, 0.5, 0.5)).toEqual([255, 255, 255, 255].map((value) => expect.closeTo(value, -1.6)));
    const red = await at(png, 0.04, 0.5);
    expect(red[0]).toBeGreaterThan(150);
    expect(red[3]).toBeGreaterThan(150);
  });

  test('has no halo: what can be seen of its outline has its own colour, not a mixture with the background', async () => {
    const png = await expressionPicture(
      await drawn(WHITE + DISC)
        .png()
        .toBuffer(),
      128,
    );
    const { data } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3]! > 40) expect(data[i + 1]).toBeLessThan(90);
    }
  });

  test('keeps its shape: a tall one leaves both sides clear', async () => {
    const tall = '<rect x="100" y="20" width="50" height="210" fill="navy"/>';
    const png = await expressionPicture(
      await drawn(WHITE + tall)
        .png()
        .toBuffer(),
      128,
    );
    expect((await at(png, 0.1, 0.5))[3]).toBe(0);
    expect((await at(png, 0.5, 0.01))[3]).toBe(255);
    expect((await at(png, 0.5, 0.99))[3]).toBe(255);
  });
});

test('a picture that was transparent before stays so, and fills the square', async () => {
  const png = await expressionPicture(
    await drawn('<circle cx="60" cy="60" r="30" fill="teal"/>').png().toBuffer(),
    320,
  );
  expect((await at(png, 0.01, 0.01))[3]).toBe(0);
  expect((await at(png, 0.5, 0.01))[3]).toBeGreaterThan(200);
});

test.each([
  [
    'a gradient',
    '<defs><linearGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>',
  ],
  ['one colour alone', '<rect width="100%" height="100%" fill="#336699"/>'],
  [
    'a sky above hills',
    '<rect width="100%" height="100%" fill="#88bbff"/><rect y="150" width="100%" height="106" fill="green"/>',
  ],
])('%s has no background to cut out: it fills the square', async (_, body) => {
  const png = await expressionPicture(await drawn(body, 300, 200).png().toBuffer(), 128);
  expect((await sharp(png).stats()).isOpaque).toBe(true);
});

test.each(Object.entries(KINDS))(
  'even noise fits what Discord takes as %s, and carries nothing but pixels',
  async (_, kind) => {
    const noise = sharp(randomBytes(700 * 500 * 4), { raw: { width: 700, height: 500, channels: 4 } });
    const source = await noise
      .withExif({ IFD0: { ImageDescription: 'a secret' } })
      .png()
      .toBuffer();
    const png = await expressionPicture(source, kind.side);
    expect(png.length).toBeLessThanOrEqual(kind.bytes);
    const { width, height, format, exif, comments } = await sharp(png).metadata();
    expect({ width, height, format, exif, comments }).toEqual({
      width: kind.side,
      height: kind.side,
      format: 'png',
      exif: undefined,
      comments: undefined,
    });
  },
);

test('a photo that was taken sideways is upright', async () => {
  const body = '<rect width="50%" height="100%" fill="black"/><rect x="50%" width="50%" height="100%" fill="yellow"/>';
  const sideways = await drawn(body, 200, 200).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  const png = await expressionPicture(sideways, 128);
  expect((await at(png, 0.5, 0.1))[0]).toBeLessThan(60);
  expect((await at(png, 0.5, 0.9))[0]).toBeGreaterThan(200);
});
