import sharp from 'sharp';
import { type EncodedPicture, fitUnder } from '../engine/image/fit-under.js';
import { grid } from '../engine/image/grid.js';
import type { GenerationParameters } from '../engine/image/metadata/parameters.js';
import { readMetadata } from '../engine/image/metadata.js';
import type { Pixels } from '../engine/image/pixels.js';
import type { Translate } from './i18n.js';
import type { PaintedPicture, PaintRequest } from './job.js';
import { tablePicture } from './table-picture.js';
import { columnsOf } from './varied.js';

type Laid = Pick<PaintRequest, 'axes'>;

/**
 * One file of all pictures, in the best format that fits Discord's limit, with the parameters of the first in it. A single
 * picture stays as it is; one without bytes is black.
 */
export async function composeResult(
  request: Laid,
  pictures: readonly PaintedPicture[],
  limit: number,
  t: Translate,
): Promise<EncodedPicture> {
  const [first] = pictures.filter(({ png }) => png.length > 0);
  if (pictures.length === 1 && first!.png.length <= limit) return { bytes: Buffer.from(first!.png), extension: 'png' };
  const { other: _, ...parameters } = (await readMetadata(first!.png)) ?? { other: {} };
  const decoded = await Promise.all(pictures.map(pixelsOf));
  return fitUnder(
    await layOut(request, decoded, t),
    { ...parameters, batchSize: pictures.length } as GenerationParameters,
    limit,
  );
}

/** Pictures in the places that a result has for them. */
export async function layOut(request: Laid, pictures: readonly Pixels[], t: Translate): Promise<Pixels> {
  const { axes } = request;
  return axes ? tablePicture(pictures, axes, t) : grid(pictures, columnsOf(request, pictures.length));
}

/** Picture `index` (from 0) cut out of a file that {@link composeResult} made of `count`. */
export async function cutOut(
  request: Laid & Pick<PaintRequest, 'width' | 'height'>,
  file: Uint8Array,
  index: number,
  count: number,
): Promise<Uint8Array> {
  if (count === 1) return file;
  const sides = await sharp(file).metadata();
  const columns = Math.min(columnsOf(request, count), count);
  const rows = Math.ceil(count / columns);
  // A table is of pictures that have the request's size; what is left of the file are its labels.
  const left = request.axes ? sides.width - columns * (request.width + 2) - 2 : 0;
  const top = request.axes ? sides.height - rows * (request.height + 2) - 2 : 0;
  const width = (sides.width - left - 2) / columns - 2;
  const height = (sides.height - top - 2) / rows - 2;
  const [row, column] = [Math.floor(index / columns), index % columns];
  const place = { left: left + 2 + column * (width + 2), top: top + 2 + row * (height + 2), width, height };
  return sharp(file).extract(place).png().toBuffer();
}

async function pixelsOf({ png, width, height }: PaintedPicture): Promise<Pixels> {
  if (png.length === 0) return { width, height, data: new Uint8Array(width * height * 3) };
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}
