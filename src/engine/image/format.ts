/** The kinds of files that are opened as pictures, and no others: neither SVG, PDF and camera formats nor libvips' own. */
export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'avif' | 'gif' | 'tiff';

/** In words, for messages. */
export const FORMAT_NAMES = 'PNG, JPEG, WebP, AVIF, GIF or TIFF';

const latin1 = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, Math.min(to, bytes.length)));

/**
 * What a file is by its first bytes; its name and what it is sent as do not matter.
 *
 * PNG, JPEG (T.81 B.1), GIF and TIFF (also BigTIFF) by their signatures, WebP by RFC 9649 2.4, AVIF by its brands (AV1
 * Image File Format 1.1, 6; ISO/IEC 14496-12, 4.3): other formats in such a container, such as HEIC, are not opened.
 *
 * @returns null for any other file.
 */
export function pictureFormat(bytes: Uint8Array): PictureFormat | null {
  const start = latin1(bytes, 0, 12);
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (/^GIF8[79]a/.test(start)) return 'gif';
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return 'tiff';
  if (/^RIFF....WEBP/s.test(start)) return 'webp';
  if (start.slice(4, 8) === 'ftyp' && brands(bytes).some((brand) => brand === 'avif' || brand === 'avis'))
    return 'avif';
  return null;
}

/** Of an ISO base media file: the major one, and after its version those that it is compatible with. */
function brands(bytes: Uint8Array): string[] {
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const listed = latin1(bytes, 8, Math.min(size, 256)).match(/.{4}/gs) ?? [];
  return listed.filter((_, i) => i !== 1);
}
