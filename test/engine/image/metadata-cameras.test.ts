import { describe, expect, test } from 'vitest';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { exifOf, gifWithComment, jpegOf, jpegWithComment, pngOf, unicode } from './picture-file.js';

const comment = (charset: string, text: string | Buffer) =>
  Buffer.concat([Buffer.from(charset.padEnd(8, '\0')), Buffer.from(text)]);

describe('what a camera, phone or drawing program writes is no prompt', () => {
  test.each<[string, Buffer]>([
    ['NUL', Buffer.alloc(264)],
    ['0xFF', Buffer.alloc(64, 0xff)],
    ['spaces called ASCII', comment('ASCII', ' '.repeat(117))],
    ['NUL called ASCII', comment('ASCII', Buffer.alloc(117))],
    ['spaces of no charset', comment('', ' '.repeat(36))],
    ['spaces called UNICODE', unicode(' '.repeat(60))],
    ['nothing at all', comment('ASCII', '')],
    ['a part of the charset', Buffer.from('ASC')],
    ['a phone', comment('ASCII', 'oplus_1048864')],
    ['a phone, little-endian', unicode('Hisilicon K3', 'little')],
    ['a screenshot', comment('ASCII', 'Screenshot')],
    ['JIS', comment('JIS', Buffer.from('\x1b$B<L??\x1b(B'))],
    [
      "a phone's sensors",
      comment(
        'ASCII',
        'filter: 0; fileterIntensity: 0.0; filterMask: 0; captureOrientation: 0; \nhdrForward: 0; highlight: 0; algolist: 0; \n' +
          'multi-frame: 1; \nmodule: photo;hw-remosaic: false;touch: (-1.0, -1.0);sceneMode: 8;cct_value: 0;AI_Scene: (-1, -1);',
      ),
    ],
    ["a phone's JSON", comment('ASCII', '{"sensor_type":"rear","mirror":false,"seed":4}')],
    ["a runner's watch", comment('ASCII', 'Steps: 4231, Heart rate: 80, Distance: 3 km')],
    ['fields of a camera', comment('ASCII', 'Model: X100, Size: 6000x4000, Version: 1.2, Mode: auto')],
    ['words', comment('ASCII', 'My dog at the beach: sunny, warm, 2019')],
  ])('%s', async (_, bytes) => {
    for (const bigEndian of [true, false]) {
      expect(
        await readMetadata(await jpegOf(exifOf({ first: { 271: 'Phone' }, comment: bytes, bigEndian }))),
      ).toBeNull();
      expect(await readMetadata(await pngOf([['eXIf', exifOf({ comment: bytes, bigEndian })]]))).toBeNull();
    }
  });

  test.each<[string, () => Promise<Buffer>]>([
    ['ImageDescription', () => jpegOf(exifOf({ first: { 270: 'OLYMPUS DIGITAL CAMERA         ' } }))],
    ["Windows' comment", () => jpegOf(exifOf({ first: { 40092: Buffer.from('holidays\0', 'utf16le') } }))],
    ["a scanner's comment", () => jpegWithComment('CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90')],
    ["a GIF's comment", () => gifWithComment('Created with GIMP')],
    [
      'a PNG of a drawing program',
      () => pngOf({ Software: 'GIMP', Comment: 'Created with GIMP', Description: 'a fox', Title: 'x' }),
    ],
  ])('%s', async (_, file) => {
    expect(await readMetadata(await file())).toBeNull();
  });
});

describe('a hostile file', () => {
  const block = (entries: Buffer) => Buffer.concat([Buffer.from('MM\0*\0\0\0\x08', 'latin1'), entries]);
  test.each<[string, Buffer]>([
    [
      'with 65,535 entries of four billion bytes',
      block(Buffer.concat([Buffer.from([0xff, 0xff]), Buffer.from('92860003ffffffff00000008'.repeat(5000), 'hex')])),
    ],
    ['whose directories lead to themselves', block(Buffer.from('0001876900040000000100000008', 'hex'))],
    ['whose pointer leads out of it', block(Buffer.from('00018769000400000001ffffffff', 'hex'))],
    ['that ends in the middle', Buffer.from('MM\0*\0\0', 'latin1')],
    ['that is empty', Buffer.alloc(0)],
  ])('%s says nothing, at once', async (_, exif) => {
    const started = performance.now();
    expect(await readMetadata(await pngOf([['eXIf', exif]]))).toBeNull();
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('with text of megabytes is not parsed, however it is packed', async () => {
    const long = 'a fox, '.repeat(2 ** 19);
    expect(await readMetadata(await pngOf({ parameters: long }))).toBeNull();
    expect(await readMetadata(await pngOf({ parameters: `${long}\nSteps: 4, Sampler: lcm, Seed: 7` }))).toBeNull();
  });

  test('with a hundred thousand texts is read in a blink', async () => {
    const many = Array.from({ length: 100_000 }, (_, i) => ['tEXt', `k${i}\0text`] as const);
    const file = await pngOf(many);
    const started = performance.now();
    expect(await readMetadata(file)).toBeNull();
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('of a format that computes is not opened', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"><filter id="f"><feTurbulence numOctaves="99999999"/></filter><rect width="9" height="9" filter="url(#f)"/></svg>';
    expect(await readMetadata(Buffer.from(svg))).toBeNull();
  });
});
