import type { Sharp } from 'sharp';
import { RequestError } from '../errors.js';
import * as is from '../schema.js';
import { read, type Schema } from '../schema.js';
import { firstLine, openPicture, unreadable } from './open.js';
import { checkPixels, type Pixels } from './pixels.js';
import { resize } from './resize.js';
import { MAX_PIXELS, nameOf, type PictureFile, readPicture } from './source.js';

export interface LoadOptions {
  /**
   * What transparent pixels become: `drop` forgets the alpha channel and shows the colour below it, as the reference does
   * (PIL's convert('RGB')); `white` puts the picture on white.
   */
  readonly alpha?: 'drop' | 'white' | undefined;
  /** Larger pictures are refused before they are decoded. 100 megapixels by default. */
  readonly maxPixels?: number | undefined;
  /** What messages call the picture; its path by default. */
  readonly name?: string | undefined;
  /** Ends a download. What is thrown is its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What opens a picture takes. */
export const LOADING: Schema<LoadOptions> = {
  of: "loading's options",
  fields: {
    alpha: is.choice('drop', 'white'),
    maxPixels: is.number(1, Number.MAX_SAFE_INTEGER),
    name: is.text,
    signal: is.signal,
  },
};

/**
 * Opens a PNG, JPEG, WebP, AVIF, GIF or TIFF, recognised by its first bytes, from a path, a URL or a buffer, as 8-bit sRGB: the
 * first frame, turned upright as its EXIF orientation says, colour profile applied. (The reference ignores orientation and
 * profile; for files without them the pixels are the same.)
 * @throws EaselError for a file that is missing or may not be read; RequestError for one that is no picture, damaged or too
 * large.
 */
export async function loadPicture(input: PictureFile, options: LoadOptions = {}): Promise<Pixels> {
  return decode(input, options, (image) => (options.alpha === 'white' ? image.flatten({ background: '#fff' }) : image));
}

export interface MaskOptions extends Omit<LoadOptions, 'alpha'> {
  /** The picture as it was before it was fitted to the model: a mask of another size, upright, is refused. */
  readonly of?: Size | undefined;
}

/**
 * Opens a mask for a picture of the given size: white is repainted, black is kept, grey mixes; colours count by
 * their brightness, transparent pixels are kept. Stretched to the size if it has another.
 * @returns a grey picture. @throws EaselError as {@link loadPicture}, and for a mask that is not as large as `of`.
 */
export async function loadMask(
  input: PictureFile,
  width: number,
  height: number,
  { of, ...options }: MaskOptions = {},
): Promise<Pixels> {
  const mask = await decode(input, options, (image) => image.flatten({ background: '#000' }));
  if (of) checkMaskSize(of, mask);
  for (let i = 0; i < mask.data.length; i += 3) {
    // ITU-R BT.601, in PIL's fixed point.
    const grey = (19595 * mask.data[i]! + 38470 * mask.data[i + 1]! + 7471 * mask.data[i + 2]! + 0x8000) >> 16;
    mask.data.fill(grey, i, i + 3);
  }
  return resize(mask, width, height, 'lanczos');
}

type Size = Pick<Pixels, 'width' | 'height'>;

/** @throws RequestError unless picture and mask, both upright, have the same sides. */
export function checkMaskSize(picture: Size, mask: Size): void {
  if (mask.width === picture.width && mask.height === picture.height) return;
  const shown = ({ width, height }: Size, times: string) => `${width}${times}${height}`;
  throw new RequestError(
    `The mask is ${shown(mask, 'x')} but the picture is ${shown(picture, 'x')}: make them the same size.`,
    { meaning: { code: 'maskSize', values: { mask: shown(mask, '×'), picture: shown(picture, '×') } } },
  );
}

/**
 * Cuts both sides to a multiple that the model can paint (64 pixels for SD v1), at least one, and resizes with Lanczos
 * as the reference's img2img does. (The reference cuts to 32, then fails unless that is a multiple of 64.)
 * @param maxPixels a larger picture is shrunk first, its proportions kept.
 * @throws RequestError unless the picture has 3 bytes per pixel.
 */
export function fitToModel(picture: Pixels, multiple: number, maxPixels = Number.POSITIVE_INFINITY): Pixels {
  checkPixels('The picture', picture);
  const shrink = Math.min(1, Math.sqrt(maxPixels / (picture.width * picture.height)));
  const cut = (side: number) => Math.max(1, Math.floor((side * shrink) / multiple)) * multiple;
  return resize(picture, cut(picture.width), cut(picture.height), 'lanczos');
}

async function decode(input: PictureFile, options: LoadOptions, onto: (image: Sharp) => Sharp): Promise<Pixels> {
  const { maxPixels = MAX_PIXELS, name = nameOf(input), signal } = read(LOADING, options);
  const { image } = await openPicture(await readPicture(input, signal), { name, maxPixels });
  const { data, info } = await onto(image)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause) => {
      throw unreadable(name, firstLine(cause), cause);
    });
  return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}
