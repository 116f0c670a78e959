import { type EncodedPicture, fitUnder } from '../../engine/image/fit-under.js';
import { grid } from '../../engine/image/grid.js';
import type { GenerationParameters } from '../../engine/image/metadata/parameters.js';
import { readMetadata } from '../../engine/image/metadata.js';
import type { Pixels } from '../../engine/image/pixels.js';
import type { PaintedPicture } from '../request/job.js';
import type { Axis, PaintRequest } from '../request/paint-request.js';
import { columnsOf } from '../request/varied.js';
import type { Translate } from '../text/i18n.js';
import { tablePicture } from './table-picture.js';

interface Laid {
  readonly kind: PaintRequest['kind'];
  /** For tables. */
  readonly axes?: readonly Axis[];
}

/** What the layout of a composed file follows from. */
export type Composed = Laid & Pick<PaintRequest, 'width' | 'height'>;

/**
 * One file with all pictures, in the best format that fits Discord's limit, with the parameters of the first. A single
 * picture stays as it is; a hidden one is black.
 *
 * @throws RangeError if all are hidden.
 */
export async function composeResult(
  request: Laid,
  pictures: readonly PaintedPicture[],
  limit: number,
  t: Translate,
): Promise<EncodedPicture> {
  const [first] = pictures.flatMap(({ png }) => png ?? []);
  if (!first) throw new RangeError('There is no picture to show.');
  if (pictures.length === 1 && first.length <= limit) return { bytes: Buffer.from(first), extension: 'png' };
  const { other: _, ...parameters } = (await readMetadata(first)) ?? { other: {} };
  const decoded = await Promise.all(pictures.map(pixelsOf));
  return fitUnder(
    await layOut(request, decoded, t),
    { ...parameters, batchSize: pictures.length } as GenerationParameters,
    limit,
  );
}

/** Arranges pictures as in the result. */
export async function layOut(request: Laid, pictures: readonly Pixels[], t: Translate): Promise<Pixels> {
  const { axes } = request;
  return axes ? tablePicture(pictures, axes, t) : grid(pictures, columnsOf(request, pictures.length));
}

async function pixelsOf({ png, width, height }: PaintedPicture): Promise<Pixels> {
  if (!png) return { width, height, data: new Uint8Array(width * height * 3) };
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}
