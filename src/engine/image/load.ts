import type { Sharp } from 'sharp';
import { EaselError, RequestError } from '../errors.js';
import { FileRefused, readWhole } from '../regular-file.js';
import { firstLine, openPicture, unreadable } from './open.js';
import { checkPixels, type Pixels } from './pixels.js';
import { resize } from './resize.js';

export interface LoadOptions {
  /**
   * What transparent pixels become: `drop` forgets the alpha channel and shows the colour below it, as the reference does
   * (PIL's convert('RGB')); `white` puts the picture on white.
   */
  readonly alpha?: 'drop' | 'white';
  /** Larger pictures are refused before they are decoded. 100 megapixels by default. */
  readonly maxPixels?: number;
  /** What messages call the picture; its path by default. */
  readonly name?: string;
}

/** Of a picture that is opened, unless another number is given. */
export const MAX_PIXELS = 100e6;
/** Of the file; a picture of MAX_PIXELS in 8-bit RGBA, stored without compression. */
const MAX_BYTES = 4 * MAX_PIXELS;

/**
 * Opens a PNG, JPEG, WebP, AVIF, GIF or TIFF, recognised by its first bytes, from a path or a buffer, as 8-bit sRGB: the first
 * frame, turned upright as its EXIF orientation says, colour profile applied. (The reference ignores orientation and
 * profile; for files without them the pixels are the same.)
 * @throws EaselError for a file that is missing or may not be read; RequestError for one that is no picture, damaged or too
 * large.
 */
export async function loadPicture(input: string | Uint8Array, options: LoadOptions = {}): Promise<Pixels> {
  return decode(input, options, (image) => (options.alpha === 'white' ? image.flatten({ background: '#fff' }) : image));
}

export interface MaskOptions extends Omit<LoadOptions, 'alpha'> {
  /** The picture as it was before it was fitted to the model: a mask of another size, upright, is refused. */
  readonly of?: Size;
}

/**
 * Opens a mask for a picture of the given size: white is repainted, black is kept, grey mixes; colours count by
 * their brightness, transparent pixels are kept. Stretched to the size if it has another.
 * @returns a grey picture. @throws EaselError as {@link loadPicture}, and for a mask that is not as large as `of`.
 */
export async function loadMask(
  input: string | Uint8Array,
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

async function decode(
  input: string | Uint8Array,
  options: LoadOptions,
  onto: (image: Sharp) => Sharp,
): Promise<Pixels> {
  const { maxPixels = MAX_PIXELS, name = typeof input === 'string' ? input : 'The picture' } = options;
  const bytes = typeof input === 'string' ? await readPictureFile(input) : input;
  const { image } = await openPicture(bytes, { name, maxPixels });
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

/** The bytes of a picture file. @throws EaselError if it is missing, unreadable, too large, or not a file. */
export async function readPictureFile(path: string): Promise<Uint8Array> {
  try {
    return await readWhole(path, MAX_BYTES);
  } catch (cause) {
    if (cause instanceof FileRefused) {
      throw new EaselError(`${path} cannot be opened as a picture: ${cause.message}. Use another file.`, { cause });
    }
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new EaselError(`There is no picture at ${path}. Check the path.`, { cause });
    throw new EaselError(`${path} cannot be read (${code}). Check its permissions.`, { cause });
  }
}
