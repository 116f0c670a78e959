import { openPicture } from '../../engine/image/open.js';
import type { Composed } from '../layout/compose.js';
import { columnsOf } from '../request/varied.js';
import { MAX_UPLOAD_PIXELS } from './max-upload.js';

/**
 * Cuts picture `index` (from 0) out of a file that `composeResult` made from `count` pictures.
 *
 * @returns a PNG. @throws RequestError if the file is not a picture.
 */
export async function cutOut(request: Composed, file: Uint8Array, index: number, count: number): Promise<Uint8Array> {
  if (count === 1) return file;
  const sides = await openPicture(file, { name: 'The result', maxPixels: MAX_UPLOAD_PIXELS });
  const columns = Math.min(columnsOf(request, count), count);
  const rows = Math.ceil(count / columns);
  // A table's pictures have the request's size; the rest of the file are labels.
  const left = request.axes ? sides.width - columns * (request.width + 2) - 2 : 0;
  const top = request.axes ? sides.height - rows * (request.height + 2) - 2 : 0;
  const width = (sides.width - left - 2) / columns - 2;
  const height = (sides.height - top - 2) / rows - 2;
  const [row, column] = [Math.floor(index / columns), index % columns];
  const place = { left: left + 2 + column * (width + 2), top: top + 2 + row * (height + 2), width, height };
  return sides.image.extract(place).png().toBuffer();
}
