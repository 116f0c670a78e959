import { fitToModel, loadMask, loadPicture } from '../../engine/image/load.js';
import { MAX_UPLOAD_PIXELS } from './max-upload.js';
import type { Fit, SourcePictures } from './messages.js';

/**
 * An uploaded picture as the painter starts from it, its proportions kept within the area; and its mask, cut and resized
 * likewise.
 *
 * @throws RequestError for files that cannot be read, and for a mask of another size than its picture's.
 */
export async function sourceOf(bytes: Uint8Array, mask: Uint8Array | undefined, fit: Fit): Promise<SourcePictures> {
  const limits = { maxPixels: MAX_UPLOAD_PIXELS };
  const upload = await loadPicture(bytes, { ...limits, name: 'The picture', alpha: 'white' });
  const image = fitToModel(upload, fit.sizeStep, fit.area);
  if (!mask) return { image };
  const { width, height } = image;
  return { image, mask: await loadMask(mask, width, height, { ...limits, name: 'The mask', of: upload }) };
}
