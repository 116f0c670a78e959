import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeJpeg, encodePng, encodeWebp } from '../../../src/engine/image/encode.js';
import { fitUnder } from '../../../src/engine/image/fit-under.js';
import { loadPicture } from '../../../src/engine/image/load.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';

const picture = await loadPicture(
  join(import.meta.dirname, '../../fixtures/image/watermark/natural_256x320_before.png'),
);
const parameters = { prompt: 'noise', steps: 1, sampler: 'DDIM', scale: 1, seed: 3, width: 320, height: 256 };

const length = async (file: Promise<Uint8Array>) => (await file).length;

describe('fitting under a limit', () => {
  test('goes from PNG over WebP to ever poorer JPEG, parameters in each', async () => {
    const limits: [number, string][] = [
      [await length(encodePng(picture, parameters)), 'png'],
      [(await length(encodePng(picture, parameters))) - 1, 'webp'],
      [await length(encodeWebp(picture, parameters, 95)), 'webp'],
      [(await length(encodeWebp(picture, parameters, 95))) - 1, 'jpg'],
      [await length(encodeJpeg(picture, parameters, 20)), 'jpg'],
    ];
    for (const [limit, want] of limits) {
      const { bytes, extension } = await fitUnder(picture, parameters, limit);
      expect(extension).toBe(want);
      expect(bytes.length).toBeLessThanOrEqual(limit);
      expect(await readMetadata(bytes)).toMatchObject({ prompt: 'noise', seed: 3 });
      expect(await loadPicture(bytes)).toMatchObject({ width: 320, height: 256 });
    }
  });

  test('leaves out WebP for a side of more than 16,383 pixels, and JPEG for one of more than 65,500', async () => {
    const tall = (height: number) => {
      const data = Uint8Array.from({ length: 4 * height * 3 }, () => 256 * Math.random());
      return { width: 4, height, data };
    };
    const { bytes, extension } = await fitUnder(tall(17_000), undefined, 200_000);
    expect(extension).toBe('jpg');
    expect(await loadPicture(bytes)).toMatchObject({ width: 4, height: 17_000 });
    await expect(fitUnder(tall(65_501), undefined, 1000)).rejects.toThrow('4x65501 does not fit 1000 bytes');
  });

  test('says so when nothing fits', async () => {
    await expect(fitUnder(picture, parameters, 1000)).rejects.toThrow('320x256 does not fit 1000 bytes');
  });
});
