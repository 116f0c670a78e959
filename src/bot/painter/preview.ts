import type { Sharp } from 'sharp';
import type { Pixels } from '../../engine/image/pixels.js';
import type { Preview } from '../../engine/pipeline/progress.js';
import { layOut } from '../layout/compose.js';
import type { PaintRequest } from '../request/paint-request.js';
import { isVaried, picturesOf } from '../request/varied.js';
import type { Translate } from '../text/i18n.js';

/** The largest size, in pixels, at which Discord shows a picture in a message. */
const SHOWN = { width: 550, height: 350 };

/**
 * The pictures so far, laid out like the result, in the size at which Discord shows it, so that nothing moves when the
 * result replaces it.
 *
 * @param previews of the first pictures; those not begun yet are black.
 * @returns a PNG.
 */
export async function encodePreview(
  previews: readonly Preview[],
  request: PaintRequest,
  t: Translate,
): Promise<Uint8Array> {
  const begun = await Promise.all(previews.map(enlarged));
  const { default: sharp } = await import('sharp');
  const black = blank(begun[0]!);
  const all = await layOut(request, [...begun, ...Array<Pixels>(numberOf(request) - begun.length).fill(black)], t);
  return shown(sharp(all.data, { raw: { width: all.width, height: all.height, channels: 3 } }));
}

/** Reserves a result's place before there is anything to see: fully transparent. @returns a PNG. */
export async function emptyPreview(request: PaintRequest, t: Translate): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
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

async function enlarged({ data, width, height, scale }: Preview): Promise<Pixels> {
  if (scale === 1) return { data, width, height };
  const [wide, high] = [width * scale, height * scale];
  const { default: sharp } = await import('sharp');
  const large = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(wide, high, { kernel: 'cubic' })
    .raw()
    .toBuffer();
  return { width: wide, height: high, data: new Uint8Array(large) };
}
