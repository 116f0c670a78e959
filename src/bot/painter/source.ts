import { loadMask, loadPicture } from '../../engine/image/load.js';
import { readMetadata } from '../../engine/image/metadata.js';
import { openPicture } from '../../engine/image/open.js';
import { resize } from '../../engine/image/resize.js';
import { AREA_WEIGHT, atMost, sizeNear } from '../request/size.js';
import { MAX_UPLOAD_PIXELS } from './max-upload.js';
import type { Fit, PictureSize, SourcePictures } from './messages.js';

/**
 * An uploaded picture as the painter starts from it, scaled to the size that fits; and its mask, resized likewise.
 *
 * @throws RequestError for files that cannot be read, and for a mask of another size than its picture.
 */
export async function sourceOf(bytes: Uint8Array, mask: Uint8Array | undefined, fit: Fit): Promise<SourcePictures> {
  const limits = { maxPixels: MAX_UPLOAD_PIXELS };
  const { frames } = await openPicture(bytes, { ...limits, name: 'The picture' });
  const upload = await loadPicture(bytes, { ...limits, name: 'The picture', alpha: 'white' });
  const { width, height } = fitted(upload, fit);
  const image = resize(upload, width, height, 'lanczos');
  if ('made' in fit) return { image, frames, made: await readMetadata(bytes) };
  if (!mask) return { image, frames };
  return { image, frames, mask: await loadMask(mask, width, height, { ...limits, name: 'The mask', of: upload }) };
}

function fitted(upload: PictureSize, fit: Fit): PictureSize {
  if ('exactly' in fit) return fit.exactly;
  const own = [upload.width, upload.height] as const;
  const [width, height] =
    'most' in fit ? atMost(own, fit.most) : sizeNear(own, fit.area, fit.sizeStep, AREA_WEIGHT.picture);
  return { width, height };
}
