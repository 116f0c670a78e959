import { type EncodedPicture, fitUnder } from '../../engine/image/fit-under.js';
import { openPicture } from '../../engine/image/open.js';
import { MAX_UPLOAD_PIXELS } from './max-upload.js';
import type { Copies } from './messages.js';

/** Copies of a seamless tile, as many across and down as said, in a file of at most `limit` bytes. */
export async function repeated(bytes: Uint8Array, { across, down }: Copies, limit: number): Promise<EncodedPicture> {
  const { image, width, height } = await openPicture(bytes, { name: 'The picture', maxPixels: MAX_UPLOAD_PIXELS });
  const { data, info } = await image
    .removeAlpha()
    .toColourspace('srgb')
    .extend({ right: (across - 1) * width, bottom: (down - 1) * height, extendWith: 'repeat' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return fitUnder({ width: info.width, height: info.height, data: new Uint8Array(data) }, undefined, limit);
}
