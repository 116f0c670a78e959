import type { Sharp } from 'sharp';
import { RequestError } from '../errors.js';
import { FORMAT_NAMES, pictureFormat } from './format.js';
import { withoutPngText } from './png-text.js';

export interface OpenOptions {
  /** What messages call it. */
  readonly name: string;
  /** Width times height, read from the header: a larger picture is refused before it is decoded. */
  readonly maxPixels: number;
}

/** A picture file that is not decoded yet. */
export interface OpenedPicture {
  /** Decodes the first frame, upright; a file that is cut off or damaged fails. */
  readonly image: Sharp;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Pictures in the file: frames of what moves, pages of a TIFF. */
  readonly frames: number;
}

/**
 * The one way by which a picture's file comes to sharp: libvips would open dozens of formats, some of which are programs,
 * so that the first bytes decide before it sees any. Texts in a PNG, which libvips unpacks by the gigabyte, are left out.
 * It still decodes in this process: decode strangers' files in a process that can be killed.
 *
 * @throws RequestError for a file that is not {@link FORMAT_NAMES}, damaged or too large.
 */
export async function openPicture(bytes: Uint8Array, { name, maxPixels }: OpenOptions): Promise<OpenedPicture> {
  const format = pictureFormat(bytes);
  if (!format) throw unreadable(name, `it is not ${FORMAT_NAMES}`);
  const file = format === 'png' ? withoutPngText(bytes) : bytes;
  const { default: sharp } = await import('sharp');
  const image = sharp(file, { failOn: 'error', limitInputPixels: false, autoOrient: true });
  const { autoOrient, pages = 1 } = await image.metadata().catch((cause) => {
    throw unreadable(name, firstLine(cause), cause);
  });
  const { width, height } = autoOrient;
  if (width * height > maxPixels) {
    throw new RequestError(
      `${name} is ${width}x${height}, more than the ${maxPixels.toLocaleString('en')} pixels allowed. Make it smaller.`,
      { meaning: { code: 'tooManyPixels', values: { width, height, limit: Math.floor(maxPixels / 1e6) } } },
    );
  }
  return { image, width, height, frames: pages };
}

/** @param reason in brackets, in the library's words. */
export function unreadable(name: string, reason: string, cause?: unknown): RequestError {
  return new RequestError(
    `${name} cannot be read as a picture (${reason}). Give a ${FORMAT_NAMES} file that opens elsewhere.`,
    { cause, meaning: { code: 'unreadable', values: {} } },
  );
}

export function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0]!;
}
