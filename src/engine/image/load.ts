import sharp, { type Sharp } from 'sharp';
import { EaselError } from '../errors.js';
import { FileRefused, readWhole } from '../regular-file.js';
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

const MAX_PIXELS = 100e6;
/** Of the file; a picture of MAX_PIXELS in 8-bit RGBA, stored without compression. */
const MAX_BYTES = 4 * MAX_PIXELS;

/**
 * Opens a picture in any format that sharp reads (PNG, JPEG, WebP, GIF, TIFF, AVIF, SVG), from a path or its bytes, as
 * 8-bit sRGB: the first frame, turned upright as its EXIF orientation says, colour profile applied. (The reference
 * ignores orientation and profile; for files without them the pixels are the same.)
 * @throws EaselError for a file that is missing, unreadable, no picture, damaged or too large.
 */
export async function loadPicture(input: string | Uint8Array, options: LoadOptions = {}): Promise<Pixels> {
  return decode(input, options, (image) => (options.alpha === 'white' ? image.flatten({ background: '#fff' }) : image));
}

/**
 * Opens a mask for a picture of the given size: white is painted anew, black is kept, grey mixes; colours count by
 * their brightness, transparent pixels are kept. Stretched to the size if it has another.
 * @returns a grey picture. @throws EaselError as {@link loadPicture}.
 */
export async function loadMask(
  input: string | Uint8Array,
  width: number,
  height: number,
  options: Omit<LoadOptions, 'alpha'> = {},
): Promise<Pixels> {
  const mask = await decode(input, options, (image) => image.flatten({ background: '#000' }));
  for (let i = 0; i < mask.data.length; i += 3) {
    // ITU-R BT.601, in PIL's fixed point.
    const grey = (19595 * mask.data[i]! + 38470 * mask.data[i + 1]! + 7471 * mask.data[i + 2]! + 0x8000) >> 16;
    mask.data.fill(grey, i, i + 3);
  }
  return resize(mask, width, height, 'lanczos');
}

/**
 * Cuts both sides to a multiple that the model can paint (64 pixels for SD v1), at least one, and resizes with Lanczos
 * as the reference's img2img does. (The reference cuts to 32, then fails unless that is a multiple of 64.)
 * @param maxPixels a larger picture is shrunk first, its proportions kept.
 * @throws RequestError unless the picture has 3 bytes a pixel.
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
  try {
    const image = sharp(bytes, { failOn: 'error', limitInputPixels: false, autoOrient: true });
    const { width, height } = await image.metadata();
    if (width * height > maxPixels) {
      throw new EaselError(
        `${name} is ${width}x${height}, more than the ${maxPixels.toLocaleString('en')} pixels allowed. Make it smaller.`,
        { meaning: { code: 'tooManyPixels', values: { width, height, limit: Math.floor(maxPixels / 1e6) } } },
      );
    }
    const { data, info } = await onto(image)
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (cause) {
    if (cause instanceof EaselError) throw cause;
    const reason = (cause as Error).message.split('\n')[0];
    throw new EaselError(
      `${name} cannot be read as a picture (${reason}). Give a PNG, JPEG, WebP, GIF, TIFF or AVIF file that opens elsewhere.`,
      { cause, meaning: { code: 'unreadable', values: {} } },
    );
  }
}

/** The bytes of a picture. @throws EaselError for a file that is missing, unreadable, too large, or none. */
export async function readPictureFile(path: string): Promise<Uint8Array> {
  try {
    return await readWhole(path, MAX_BYTES);
  } catch (cause) {
    if (cause instanceof FileRefused) {
      throw new EaselError(`${path} is no picture that can be opened: ${cause.message}. Give another.`, { cause });
    }
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new EaselError(`There is no picture at ${path}. Check the path.`, { cause });
    throw new EaselError(`${path} cannot be read (${code}). Check that you may read it.`, { cause });
  }
}
