import sharp, { type Sharp } from 'sharp';
import type { Pixels } from '../../engine/image/pixels.js';
import { layOut } from '../layout/compose.js';
import type { PaintRequest } from '../request/paint-request.js';
import { isVaried, picturesOf } from '../request/varied.js';
import type { Translate } from '../text/i18n.js';

/** Discord shows a picture of a message no larger than this, pixels. */
const SHOWN = { width: 550, height: 350 };

/**
 * What is painted so far, laid out as the result will be and in its size as Discord shows it: nothing moves when the result
 * takes its place.
 *
 * @param previews of the first pictures, an eighth (`scale`) of their size; those that are not begun yet are left black.
 * @returns a PNG.
 */
export async function encodePreview(
  previews: readonly Pixels[],
  scale: number,
  request: PaintRequest,
  t: Translate,
): Promise<Uint8Array> {
  const begun = await Promise.all(previews.map((preview) => enlarged(preview, scale)));
  const black = blank(begun[0]!);
  const all = await layOut(request, [...begun, ...Array<Pixels>(numberOf(request) - begun.length).fill(black)], t);
  return shown(sharp(all.data, { raw: { width: all.width, height: all.height, channels: 3 } }));
}

/** Keeps the place of a result before there is anything to see of it: all transparent. @returns a PNG. */
export async function emptyPreview(request: PaintRequest, t: Translate): Promise<Uint8Array> {
  const { width, height } = await layOut(request, Array<Pixels>(numberOf(request)).fill(blank(request)), t);
  return shown(sharp({ create: { width, height, channels: 4, background: '#0000' } }));
}

function numberOf(request: PaintRequest): number {
  return isVaried(request) ? picturesOf(request).length : request.count;
}

function blank({ width, height }: Pick<Pixels, 'width' | 'height'>): Pixels {
  return { width, height, data: new Uint8Array(width * height * 3) };
}

function shown(picture: Sharp): Promise<Uint8Array> {
  return picture
    .resize({ ...SHOWN, fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 6 })
    .toBuffer();
}

async function enlarged({ data, width, height }: Pixels, scale: number): Promise<Pixels> {
  const [wide, high] = [width * scale, height * scale];
  const large = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(wide, high, { kernel: 'cubic' })
    .raw()
    .toBuffer();
  return { width: wide, height: high, data: new Uint8Array(large) };
}
