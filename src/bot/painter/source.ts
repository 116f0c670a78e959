import { loadMask, loadPicture } from '../../engine/image/load.js';
import { openPicture } from '../../engine/image/open.js';
import { resize } from '../../engine/image/resize.js';
import { AREA_WEIGHT, sizeNear } from '../request/size.js';
import { MAX_UPLOAD_PIXELS } from './max-upload.js';
import type { Fit, SourcePictures } from './messages.js';

/**
 * An uploaded picture as the painter starts from it: scaled up or down to the size nearest to its proportions and the
 * area; and its mask, resized likewise.
 *
 * @throws RequestError for files that cannot be read, and for a mask of another size than its picture.
 */
export async function sourceOf(bytes: Uint8Array, mask: Uint8Array | undefined, fit: Fit): Promise<SourcePictures> {
  const limits = { maxPixels: MAX_UPLOAD_PIXELS };
  const { frames } = await openPicture(bytes, { ...limits, name: 'The picture' });
  const upload = await loadPicture(bytes, { ...limits, name: 'The picture', alpha: 'white' });
  const [width, height] = sizeNear([upload.width, upload.height], fit.area, fit.sizeStep, AREA_WEIGHT.picture);
  const image = resize(upload, width, height, 'lanczos');
  if (!mask) return { image, frames };
  return { image, frames, mask: await loadMask(mask, width, height, { ...limits, name: 'The mask', of: upload }) };
}
