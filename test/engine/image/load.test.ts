import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp, { type Color, type Sharp } from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { EaselError, RequestError } from '../../../src/engine/errors.js';
import { fitToModel, loadMask, loadPicture } from '../../../src/engine/image/load.js';
import { resize } from '../../../src/engine/image/resize.js';

const FORMATS = join(import.meta.dirname, '../../fixtures/image/formats');
const { files } = JSON.parse(readFileSync(join(FORMATS, 'index.json'), 'utf8')) as {
  files: Record<string, { size: [number, number]; sha256: string }>;
};

const folder = mkdtempSync(join(tmpdir(), 'easel-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

function solid(width: number, height: number, colour: Color): Sharp {
  const channels = typeof colour === 'object' && 'alpha' in colour ? 4 : 3;
  return sharp({ create: { width, height, channels, background: colour } });
}

describe('a picture', () => {
  test.each(Object.entries(files))('%s has the pixels that PIL shows the reference', async (file, { size, sha256 }) => {
    const { width, height, data } = await loadPicture(join(FORMATS, file));
    expect([width, height]).toEqual(size);
    expect(createHash('sha256').update(data).digest('hex')).toBe(sha256);
  });

  test('with 16 bits of grey keeps its upper eight', async () => {
    const grey = await sharp(join(FORMATS, 'i16.png')).raw({ depth: 'ushort' }).toColourspace('grey16').toBuffer();
    const { data } = await loadPicture(join(FORMATS, 'i16.png'));
    expect([...data].filter((_, i) => i % 3 === 1)).toEqual(
      [...new Uint16Array(grey.buffer, grey.byteOffset, 2400)].map((v) => v >> 8),
    );
  });

  test.each(['cmyk.jpg', 'a.avif'])('%s looks as it should, within what its colours allow', async (file) => {
    const got = await loadPicture(join(FORMATS, file));
    const original = await loadPicture(join(FORMATS, 't.tif'));
    const error = got.data.reduce((sum, value, i) => sum + Math.abs(value - original.data[i]!), 0) / got.data.length;
    expect(error).toBeLessThan(25);
  });

  test('of a camera held sideways is turned upright', async () => {
    const stored = await sharp(join(FORMATS, 'orient.jpg')).raw().toBuffer({ resolveWithObject: true });
    const upright = await loadPicture(join(FORMATS, 'orient.jpg'));
    expect([upright.width, upright.height]).toEqual([stored.info.height, stored.info.width]);
    // Orientation 6: what is stored at the bottom left is seen at the top left.
    expect([...upright.data.subarray(0, 3)]).toEqual([...stored.data.subarray(-stored.info.width * 3).subarray(0, 3)]);
  });

  test('may be given as bytes', async () => {
    const bytes = readFileSync(join(FORMATS, 'one.png'));
    expect(await loadPicture(bytes)).toEqual(await loadPicture(join(FORMATS, 'one.png')));
  });

  test('with transparency shows the colour below it, or white if asked', async () => {
    const glass = await solid(1, 1, { r: 200, g: 100, b: 50, alpha: 0.4 }).png().toBuffer();
    expect([...(await loadPicture(glass)).data]).toEqual([200, 100, 50]);
    expect([...(await loadPicture(glass, { alpha: 'white' })).data]).toEqual([233, 193, 173]);
  });

  test('that is too large is refused before it is decoded', async () => {
    // Claims 30000x30000: 900 million pixels in a small file.
    const bomb = await solid(8, 8, '#000').png().toBuffer();
    bomb.writeUInt32BE(30_000, 16);
    bomb.writeUInt32BE(30_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    await expect(loadPicture(bomb, { name: 'bomb.png' })).rejects.toThrow(
      'bomb.png is 30000x30000, more than the 100,000,000 pixels allowed. Make it smaller.',
    );
    const wide = await solid(65, 64, '#000').png().toBuffer();
    await expect(loadPicture(wide, { maxPixels: 64 * 64 })).rejects.toThrow('65x64, more than the 4,096 pixels');
    expect(await loadPicture(wide, { maxPixels: 65 * 64 })).toMatchObject({ width: 65, height: 64 });
  });

  test.each([
    ['missing.png', undefined, /^There is no picture at .*missing\.png\. Check the path\.$/],
    ['text.png', 'not a picture', /text\.png cannot be read as a picture \(.*\)\. Give a PNG, JPEG/],
    ['empty.png', '', /empty\.png cannot be read as a picture/],
    ['', undefined, /cannot be opened as a picture: .* a folder\. Use another file\.$/],
  ])('that is not there or none at all is refused in one line: "%s"', async (name, content, message) => {
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, content);
    const error = await loadPicture(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EaselError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
  });

  test.each(['t.tif', '420.jpg', 'rgba.png', 'lossy.webp'])('%s that is cut off is refused', async (file) => {
    const bytes = readFileSync(join(FORMATS, file));
    await expect(loadPicture(bytes.subarray(0, Math.floor(bytes.length * 0.6)))).rejects.toBeInstanceOf(EaselError);
  });
});

describe('fitting to the model', () => {
  const picture = { width: 137, height: 100, data: Uint8Array.from({ length: 137 * 300 }, (_, i) => i % 256) };

  test('cuts both sides to the multiple and resizes with Lanczos', () => {
    expect(fitToModel(picture, 64)).toEqual(resize(picture, 128, 64, 'lanczos'));
  });

  test('leaves a picture that fits as it is', () => {
    const fits = resize(picture, 128, 64, 'lanczos');
    expect(fitToModel(fits, 64)).toBe(fits);
  });

  test('enlarges a side that is shorter than the multiple', () => {
    expect(fitToModel({ ...picture, width: 10, height: 90, data: new Uint8Array(2700) }, 64)).toMatchObject({
      width: 64,
      height: 64,
    });
  });

  test('shrinks a large picture to the most pixels allowed, proportions kept', () => {
    const photo = { width: 4000, height: 3000, data: new Uint8Array(36e6) };
    expect(fitToModel(photo, 64, 512 * 512)).toMatchObject({ width: 576, height: 384 });
  });
});

describe('a mask', () => {
  test('is grey, as bright as its colours, and keeps what is transparent', async () => {
    const colours = [
      [255, 255, 255, 255],
      [0, 0, 0, 255],
      [255, 0, 0, 255],
      [255, 255, 255, 0],
    ];
    const png = await sharp(Uint8Array.from(colours.flat()), { raw: { width: 4, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    const { data } = await loadMask(png, 4, 1);
    expect([...data]).toEqual([255, 255, 255, 0, 0, 0, 76, 76, 76, 0, 0, 0]);
  });

  test('of another size than the picture it was made for is refused if that is said', async () => {
    const png = await solid(10, 20, '#fff').png().toBuffer();
    expect(await loadMask(png, 64, 128, { of: { width: 10, height: 20 } })).toMatchObject({ width: 64, height: 128 });
    const error = await loadMask(png, 64, 128, { of: { width: 20, height: 10 } }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RequestError);
    expect(error.message).toBe('The mask is 10x20 but the picture is 20x10: make them the same size.');
    // As it is seen, not as it is stored.
    const turned = await solid(20, 10, '#fff').withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await loadMask(turned, 64, 128, { of: { width: 10, height: 20 } })).toMatchObject({ width: 64 });
    await expect(loadMask(turned, 64, 128, { of: { width: 20, height: 10 } })).rejects.toThrow('The mask is 10x20');
  });

  test('is stretched to the picture', async () => {
    const half = await solid(10, 20, '#000')
      .composite([{ input: await solid(5, 20, '#fff').png().toBuffer(), left: 5, top: 0 }])
      .png()
      .toBuffer();
    const { width, height, data } = await loadMask(half, 64, 32);
    expect([width, height]).toEqual([64, 32]);
    expect([data[0], data[63 * 3]]).toEqual([0, 255]);
  });
});
