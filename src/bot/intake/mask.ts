import { setTimeout as sleep } from 'node:timers/promises';
import { checkMaskSize } from '../../engine/image/load.js';
import type { Painter } from '../painter/painter.js';
import { type Ask, timeFor } from './ask.js';
import { INSPECT_TIMEOUT } from './from-picture.js';
import type { KeptUpload } from './sources.js';

/**
 * Refuses a mask that is not as large as its picture, both as they are seen: turned as their EXIF says. What is not known
 * in time is found when they are decoded.
 *
 * @throws RequestError
 */
export async function checkMask(painter: Painter, ask: Ask, picture: KeptUpload, mask: KeptUpload): Promise<void> {
  const sizes = Promise.all([painter.size(picture.bytes, picture.owner), painter.size(mask.bytes, mask.owner)]);
  const known = await Promise.race([sizes, sleep(timeFor(ask, INSPECT_TIMEOUT), null, { ref: false })]);
  if (known) checkMaskSize(...known);
}
