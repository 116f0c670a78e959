import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { EaselError } from '../../../src/engine/errors.js';
import { pictureFormat } from '../../../src/engine/image/format.js';
import { loadMask, loadPicture } from '../../../src/engine/image/load.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { SLOW_SVG, textBomb } from '../../hostile-pictures.js';

const FORMATS = join(import.meta.dirname, '../../fixtures/image/formats');
const BY_NAME = { png: 'png', jpg: 'jpeg', webp: 'webp', avif: 'avif', gif: 'gif', tif: 'tiff' };

const box = (brand: string, ...others: string[]) => {
  const body = Buffer.from(`ftyp${brand}\0\0\0\0${others.join('')}`, 'latin1');
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length + 4);
  return Buffer.concat([size, body, Buffer.alloc(64)]);
};

/** Files that libvips, a browser or another viewer would also open. */
const OTHERS: readonly (readonly [string, Buffer | string])[] = [
  ['SVG', SLOW_SVG],
  ['SVG behind a comment', `<?xml version="1.0"?><!-- GIF89a -->${SLOW_SVG}`],
  ['SVG behind a byte-order mark', `\ufeff${SLOW_SVG}`],
  ['SVG, zipped', Buffer.from('1f8b0800', 'hex')],
  ['PDF', '%PDF-1.7\n%\xe2\xe3\xcf\xd3'],
  ['PostScript', '%!PS-Adobe-3.0 EPSF-3.0'],
  ['Netpbm', 'P6 1 1 255\n\0\0\0'],
  ['PFM', 'PF\n1 1\n-1.0\n'],
  ['CSV', '1,2,3\n4,5,6\n'],
  ['Radiance HDR', '#?RADIANCE\n'],
  ['FITS', 'SIMPLE  =                    T'],
  ['libvips’ own', Buffer.from('08f2a6b6', 'hex')],
  ['JPEG 2000', Buffer.from('0000000c6a5020200d0a870a', 'hex')],
  ['JPEG XL', Buffer.from('ff0a', 'hex')],
  ['JPEG XL in a box', Buffer.from('0000000c4a584c200d0a870a', 'hex')],
  ['HEIC', box('heic', 'mif1', 'heic')],
  ['HEIF of nobody knows what', box('mif1', 'miaf')],
  ['MP4', box('isom', 'iso2', 'mp41')],
  ['WAV', Buffer.from('RIFF\0\0\0\0WAVEfmt ', 'latin1')],
  ['BMP', 'BM\0\0\0\0\0\0'],
  ['ICO', Buffer.from('00000100', 'hex')],
  ['PSD', '8BPS\0\x01'],
  ['OpenEXR', Buffer.from('762f3101', 'hex')],
  ['MNG', '\x8aMNG\r\n\x1a\n'],
  ['ImageMagick’s script', 'push graphic-context\nviewbox 0 0 640 480\n'],
  ['HTML', '<!doctype html><img src=x>'],
  ['nothing', ''],
  ['one byte', '\x89'],
];

test.each(readdirSync(FORMATS).filter((name) => !name.endsWith('.json')))('%s is known by its first bytes', (name) => {
  const bytes = readFileSync(join(FORMATS, name));
  expect(pictureFormat(bytes)).toBe(BY_NAME[name.split('.').at(-1) as keyof typeof BY_NAME]);
  // Wherever it lies in memory.
  expect(pictureFormat(Buffer.concat([Buffer.from('<svg'), bytes]).subarray(4))).toBe(pictureFormat(bytes));
});

test('an AVIF whose first brand is a general one is known by its others', () => {
  expect(pictureFormat(box('mif1', 'miaf', 'avif'))).toBe('avif');
  expect(pictureFormat(box('avis', 'msf1'))).toBe('avif');
});

describe('files of other formats are not opened:', () => {
  test.each(OTHERS)('%s', async (_, content) => {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
    expect(pictureFormat(bytes)).toBeNull();
    for (const opening of [loadPicture(bytes, { name: 'x.png' }), loadMask(bytes, 64, 64, { name: 'x.png' })]) {
      const error = await opening.catch((thrown) => thrown);
      expect(error).toBeInstanceOf(EaselError);
      expect(error.message).toContain(
        'x.png cannot be read as a picture (it is not PNG, JPEG, WebP, AVIF, GIF or TIFF)',
      );
    }
    expect(await readMetadata(bytes)).toBeNull();
  });
});

test('the first frame of a GIF is used', async () => {
  const frames = await sharp(join(FORMATS, 'anim.gif'), { animated: true }).metadata();
  expect(frames.pages).toBeGreaterThan(1);
  const { width, height } = await loadPicture(join(FORMATS, 'anim.gif'));
  expect([width, height]).toEqual([frames.width, frames.pageHeight]);
});

test.each(['zTXt', 'iTXt'] as const)('gigabytes of %s in a PNG are not unpacked', async (type) => {
  const bomb = textBomb(type);
  const before = process.memoryUsage.rss();
  const { width, height } = await loadPicture(bomb);
  expect([width, height]).toEqual([64, 64]);
  expect(await readMetadata(bomb)).toBeNull();
  expect(process.memoryUsage.rss() - before).toBeLessThan(300e6);
});
