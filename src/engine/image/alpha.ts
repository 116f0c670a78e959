import type { LoadOptions } from './load.js';
import { firstLine, openPicture, unreadable } from './open.js';
import type { Pixels } from './pixels.js';
import { MAX_PIXELS, nameOf, type PictureFile, readPicture } from './source.js';

/**
 * How opaque a picture's pixels are, which `loadPicture` leaves out: a grey picture of its size, white where it is opaque.
 *
 * @returns undefined for a picture that is opaque everywhere. @throws what `loadPicture` throws.
 */
export async function loadAlpha(
  input: PictureFile,
  options: Omit<LoadOptions, 'alpha'> = {},
): Promise<Pixels | undefined> {
  const { maxPixels = MAX_PIXELS, name = nameOf(input), signal } = options;
  const { image, width, height } = await openPicture(await readPicture(input, signal), { name, maxPixels });
  if (!(await image.metadata()).hasAlpha) return undefined;
  const plane = await image
    .extractChannel('alpha')
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((cause) => {
      throw unreadable(name, firstLine(cause), cause);
    });
  if (plane.every((value) => value === 255)) return undefined;
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < plane.length; i++) data.fill(plane[i]!, 3 * i, 3 * i + 3);
  return { width, height, data };
}
