import sharp from 'sharp';
import { EaselError } from '../../engine/errors.js';
import { readMetadata } from '../../engine/image/metadata.js';
import { serve } from './child-calls.js';
import { expressionPicture } from './expression-picture.js';
import { MAX_UPLOAD_PIXELS } from './max-upload.js';

/**
 * The inspector process: what strangers upload is parsed here, away from the gateway, and not in the painter, which
 * answers between two steps only and must not die of it.
 */
serve({
  async inspect({ bytes }) {
    await sizeOf(bytes);
    return readMetadata(bytes);
  },
  size: ({ bytes }) => sizeOf(bytes),
  async expression({ bytes, side }) {
    await sizeOf(bytes);
    return expressionPicture(bytes, side);
  },
  forAuthor: (error) => error instanceof EaselError,
});

/** From the header, as it is shown: turned upright. @throws EaselError for what is no picture, or a bomb. */
async function sizeOf(bytes: Uint8Array): Promise<{ width: number; height: number }> {
  const { autoOrient } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause) => {
      throw new EaselError('That is not a picture that can be read.', { cause });
    });
  const { width, height } = autoOrient;
  if (width * height > MAX_UPLOAD_PIXELS) {
    throw new EaselError(`The picture is ${width}x${height}, more than ${MAX_UPLOAD_PIXELS / 1e6} megapixels.`);
  }
  return { width, height };
}
