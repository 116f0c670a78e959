import { EaselError } from '../errors.js';
import { encodeJpeg, encodePng, encodeWebp } from './encode.js';
import type { GenerationParameters } from './metadata/parameters.js';
import type { Pixels } from './pixels.js';

/** A picture as a file. */
export interface EncodedPicture {
  readonly bytes: Buffer;
  readonly extension: 'png' | 'webp' | 'jpg';
}

/** Most pixels of a side: what libwebp and mozjpeg take. */
const LONGEST = { webp: 16_383, jpg: 65_500 } as const;
const JPEG_QUALITIES = [90, 80, 65, 50, 35, 20];

/**
 * The best file of at most `limit` bytes: PNG, else WebP of quality 95, else JPEG of falling quality, of those that can be
 * as long. The parameters are in each.
 * @throws EaselError if even the poorest is larger.
 */
export async function fitUnder(
  pixels: Pixels,
  parameters: GenerationParameters | undefined,
  limit: number,
): Promise<EncodedPicture> {
  const png = await encodePng(pixels, parameters);
  if (png.length <= limit) return { bytes: png, extension: 'png' };
  const side = Math.max(pixels.width, pixels.height);
  if (side <= LONGEST.webp) {
    const webp = await encodeWebp(pixels, parameters, 95);
    if (webp.length <= limit) return { bytes: webp, extension: 'webp' };
  }
  for (const quality of side <= LONGEST.jpg ? JPEG_QUALITIES : []) {
    const jpeg = await encodeJpeg(pixels, parameters, quality);
    if (jpeg.length <= limit) return { bytes: jpeg, extension: 'jpg' };
  }
  throw new EaselError(
    `A picture of ${pixels.width}x${pixels.height} does not fit ${limit} bytes, not even as a poor JPEG. Ask for a smaller one.`,
  );
}
