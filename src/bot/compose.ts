import sharp from 'sharp';
import { type EncodedPicture, fitUnder } from '../engine/image/fit-under.js';
import { grid } from '../engine/image/grid.js';
import { type GenerationParameters, readMetadata } from '../engine/image/metadata.js';
import type { Pixels } from '../engine/image/pixels.js';
import type { PaintedPicture } from './job.js';

/** Pictures in a row of the grid: two by two is what a phone shows best. */
export const COLUMNS = 2;

/**
 * One file of all pictures, in the best format that fits Discord's limit, with the parameters of the first in it. A single
 * picture stays as it is.
 */
export async function composeResult(pictures: readonly PaintedPicture[], limit: number): Promise<EncodedPicture> {
  const [first] = pictures;
  if (pictures.length === 1 && first!.png.length <= limit) return { bytes: Buffer.from(first!.png), extension: 'png' };
  const { other: _, ...parameters } = (await readMetadata(first!.png)) ?? { other: {} };
  const pixels = grid(await Promise.all(pictures.map(({ png }) => decoded(png))), COLUMNS);
  return fitUnder(pixels, { ...parameters, batchSize: pictures.length } as GenerationParameters, limit);
}

/** Picture `index` (from 0) cut out of a grid that {@link composeResult} made of `count`. */
export async function cutOut(file: Uint8Array, index: number, count: number): Promise<Uint8Array> {
  if (count === 1) return file;
  const sides = await sharp(file).metadata();
  const columns = Math.min(COLUMNS, count);
  const width = (sides.width - 2) / columns - 2;
  const height = (sides.height - 2) / Math.ceil(count / columns) - 2;
  const [row, column] = [Math.floor(index / columns), index % columns];
  const place = { left: 2 + column * (width + 2), top: 2 + row * (height + 2), width, height };
  return sharp(file).extract(place).png().toBuffer();
}

async function decoded(png: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}
