import pino from 'pino';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { Inspectors } from '../../../src/bot/painter/inspectors.js';
import { EaselError } from '../../../src/engine/errors.js';
import { encodePng } from '../../../src/engine/index.js';

const inspectors = new Inspectors(pino({ level: 'silent' }));
afterAll(() => inspectors.close());

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#c02020' } });
const fit = { sizeStep: 32, area: 128 * 128 };

test('metadata and size of uploads are read in another process', async () => {
  const data = await picture(64, 64).raw().toBuffer();
  const png = await encodePng({ width: 64, height: 64, data }, { prompt: 'a red circle', steps: 2, seed: 5 } as never);
  expect(await inspectors.inspect(png, 'alice')).toMatchObject({ prompt: 'a red circle', seed: 5 });
  expect(await inspectors.size(png, 'alice')).toEqual({ width: 64, height: 64 });
  await expect(inspectors.inspect(Buffer.from('<svg'), 'alice')).rejects.toThrow(EaselError);
});

test('what a job starts from is decoded in its proportions, in about the area that was asked for', async () => {
  const { image, mask } = await inspectors.source(await picture(300, 150).jpeg().toBuffer(), undefined, fit, {
    owner: 'job',
  });
  expect(mask).toBeUndefined();
  expect(image.width / image.height).toBe(2);
  expect(image.width * image.height).toBeGreaterThan(fit.area * 0.75);
  expect(image.width * image.height).toBeLessThan(fit.area * 1.25);
});

test('a decompression bomb is refused by its header', async () => {
  const bomb = await picture(8000, 8000).png().toBuffer();
  await expect(inspectors.size(bomb, 'alice')).rejects.toThrow(/8000x8000/);
  await expect(inspectors.source(bomb, undefined, fit, { owner: 'job' })).rejects.toThrow(/8000x8000/);
});
