import { checkMaskSize } from '../../engine/image/load.js';
import type { Inspectors } from '../painter/inspectors.js';
import { type Ask, readSoon } from './ask.js';
import type { KeptUpload } from './sources.js';

/**
 * Refuses a mask of another size than its picture, both with their EXIF orientation applied. If that takes too long, it
 * is checked when they are decoded.
 *
 * @throws RequestError
 */
export async function checkMask(
  inspectors: Inspectors,
  ask: Ask,
  picture: KeptUpload,
  mask: KeptUpload,
): Promise<void> {
  const sizes = Promise.all([inspectors.size(picture.bytes, picture.owner), inspectors.size(mask.bytes, mask.owner)]);
  const known = await readSoon(ask, sizes);
  if (known) checkMaskSize(...known);
}
