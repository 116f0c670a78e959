import { readComment } from '../comment.js';
import { readExifTexts } from '../exif.js';
import { openPicture } from '../open.js';
import { isPng, readPng } from '../png-text.js';

/**
 * The metadata of a picture file: PNG texts by keyword, EXIF texts by the tag's name, the comment of a JPEG
 * or GIF as `comment`. A text that is too
 * long to be a prompt is kept as '': it is there, and nobody parses it.
 */
export type Texts = ReadonlyMap<string, string>;

/** @throws nothing: damaged metadata counts as none. */
export async function textsOf(bytes: Uint8Array): Promise<Texts> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isPng(buffer)) {
    const { texts, exif } = readPng(buffer);
    return new Map([...(exif ? readExifTexts(exif) : []), ...texts]);
  }
  // A TIFF file is laid out as an EXIF block, and libvips does not hand its tags on.
  const exif = /^(?:II\*\0|MM\0\*)/.test(buffer.toString('latin1', 0, 4)) ? buffer : await exifOf(buffer);
  const comment = readComment(buffer);
  return new Map([...(exif ? readExifTexts(exif) : []), ...(comment === null ? [] : [['comment', comment] as const])]);
}

/** JPEG, WebP and AVIF by their first bytes: of what else libvips would open there is nothing to read. */
const WITH_EXIF = /^(?:\xff\xd8\xff|RIFF.{4}WEBP|.{4}ftyp)/s;

async function exifOf(bytes: Buffer): Promise<Buffer | undefined> {
  if (!WITH_EXIF.test(bytes.toString('latin1', 0, 12))) return undefined;
  try {
    const { image } = await openPicture(bytes, { name: 'The picture', maxPixels: Number.POSITIVE_INFINITY });
    return (await image.metadata()).exif;
  } catch {
    return undefined;
  }
}
