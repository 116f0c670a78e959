import { type LoadOptions, MAX_PIXELS, readPictureFile } from './load.js';
import { firstLine, openPicture, unreadable } from './open.js';
import type { Pixels } from './pixels.js';

/**
 * How opaque a picture's pixels are, which `loadPicture` leaves out: a grey picture of its size, white where it is opaque.
 *
 * @returns undefined for a picture that is opaque everywhere. @throws what `loadPicture` throws.
 */
export async function loadAlpha(
  input: string | Uint8Array,
  options: Omit<LoadOptions, 'alpha'> = {},
): Promise<Pixels | undefined> {
  const { maxPixels = MAX_PIXELS, name = typeof input === 'string' ? input : 'The picture' } = options;
  const bytes = typeof input === 'string' ? await readPictureFile(input) : input;
  const { image, width, height } = await openPicture(bytes, { name, maxPixels });
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
