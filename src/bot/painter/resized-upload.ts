import { cover } from '../../engine/image/cover.js';
import { encodePng } from '../../engine/image/encode.js';
import { loadPicture } from '../../engine/image/load.js';
import { openPicture } from '../../engine/image/open.js';
import { resize } from '../../engine/image/resize.js';
import { MAX_UPLOAD_PIXELS } from './max-upload.js';
import type { MaskReading, PictureSize, Resizing } from './messages.js';

const LIMITS = { maxPixels: MAX_UPLOAD_PIXELS };

/** @returns a PNG. @throws RequestError for files that cannot be read. */
export async function resizedUpload(bytes: Uint8Array, size: PictureSize, how: Resizing): Promise<Uint8Array> {
  const upload = await loadPicture(bytes, { ...LIMITS, name: 'The picture', alpha: 'white' });
  const { width, height } = size;
  return encodePng(how === 'cover' ? cover(upload, width, height) : resize(upload, width, height, 'lanczos'));
}

/**
 * A mask in black and white; one with transparent parts is drawn on them, whatever its colours, as AUTOMATIC1111 takes it
 * (modules/processing.py, create_binary_mask).
 *
 * @returns a grey PNG, white where it is repainted; null if that is nowhere. @throws RequestError as resizedUpload.
 */
export async function maskFrom(
  bytes: Uint8Array,
  { width, height }: PictureSize,
  { repaint, how, blur }: MaskReading,
): Promise<Uint8Array | null> {
  const { image } = await openPicture(bytes, { ...LIMITS, name: 'The mask' });
  const drawn = repaint !== 'transparent' && !(await image.stats()).isOpaque;
  const grey =
    repaint === 'transparent'
      ? image.ensureAlpha().extractChannel('alpha')
      : drawn
        ? image.extractChannel('alpha').threshold(129)
        : image.flatten({ background: '#000' }).toColourspace('b-w');
  const read = await grey.raw().toBuffer({ resolveWithObject: true });
  const { default: sharp } = await import('sharp');
  const mask = sharp(read.data, { raw: { width: read.info.width, height: read.info.height, channels: 1 } });
  if (repaint !== 'light') mask.negate();
  const white = await mask.toColourspace('b-w').png().toBuffer();
  const { channels } = await sharp(white).stats();
  if (channels[0]!.max === 0) return null;
  const fitted = sharp(white).resize(width, height, { fit: how === 'cover' ? 'cover' : 'fill' });
  return (blur >= 0.3 ? fitted.blur(blur) : fitted).toColourspace('b-w').png().toBuffer();
}
