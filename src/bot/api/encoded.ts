import { exifComment, withJpegExif, withWebpExif } from '../../engine/image/exif.js';
import { PNG_KEYWORD } from '../../engine/image/metadata/infotext.js';
import { readPng } from '../../engine/image/png-text.js';

export type OutputFormat = 'png' | 'jpeg' | 'webp';

/** What a painter's PNG says of its making, as AUTOMATIC1111 writes it. */
export function infotextOf(png: Uint8Array): string {
  return readPng(Buffer.from(png.buffer, png.byteOffset, png.byteLength)).texts.get(PNG_KEYWORD) ?? '';
}

/** A painter's PNG in another format, with what it says of its making. @param quality 1..100, of what loses some. */
export async function encoded(
  png: Uint8Array,
  format: OutputFormat,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (format === 'png') return new Uint8Array(png);
  const { default: sharp } = await import('sharp');
  const exif = exifComment(infotextOf(png));
  const image = sharp(png);
  if (format === 'jpeg') return new Uint8Array(withJpegExif(await image.jpeg({ quality }).toBuffer(), exif));
  const { width, height } = await image.metadata();
  return new Uint8Array(withWebpExif(await image.webp({ quality }).toBuffer(), exif, width, height));
}
