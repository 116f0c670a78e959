import readExif from 'exif-reader';

/** Tags of EXIF 2.32 (CIPA DC-008): the pointer to the EXIF directory, and the comment in it. */
const EXIF_DIRECTORY = 0x8769;
const USER_COMMENT = 0x9286;
const UNDEFINED = 7;
const LONG = 4;

/**
 * A TIFF block that holds nothing but a user comment in UTF-16, big-endian: what AUTOMATIC1111 writes into JPEG and
 * WebP with piexif.
 */
export function exifComment(text: string): Buffer {
  const comment = Buffer.concat([Buffer.from('UNICODE\0'), Buffer.from(text, 'utf16le').swap16()]);
  const head = Buffer.alloc(44);
  head.write('MM\0*', 'latin1');
  head.writeUInt32BE(8, 4);
  directory(head, 8, EXIF_DIRECTORY, LONG, 1, 26);
  directory(head, 26, USER_COMMENT, UNDEFINED, comment.length, head.length);
  return Buffer.concat([head, comment]);
}

/** A directory with one entry and no successor. */
function directory(block: Buffer, at: number, tag: number, type: number, count: number, value: number): void {
  block.writeUInt16BE(1, at);
  block.writeUInt16BE(tag, at + 2);
  block.writeUInt16BE(type, at + 4);
  block.writeUInt32BE(count, at + 6);
  block.writeUInt32BE(value, at + 10);
}

/** The user comment of an EXIF block; null if there is none or the block is damaged. */
export function readExifComment(exif: Buffer): string | null {
  try {
    const { Photo, bigEndian } = readExif(exif);
    const comment = Photo?.UserComment as Buffer | undefined;
    return comment?.length ? textOf(comment, bigEndian) : null;
  } catch {
    return null;
  }
}

/** The first eight bytes name the encoding; some programs leave them out. */
function textOf(comment: Buffer, bigEndian: boolean): string {
  const body = comment.subarray(8);
  switch (comment.toString('latin1', 0, 8)) {
    case 'UNICODE\0': {
      const little = body.toString('utf16le');
      const big = Buffer.from(body.subarray(0, body.length & ~1))
        .swap16()
        .toString('utf16le');
      // The standard does not say which; piexif writes big-endian whatever the block is.
      const likely = [big, little].find((text) => /[\w ]{4}/.test(text));
      return likely ?? (bigEndian ? big : little);
    }
    case 'ASCII\0\0\0':
    case '\0\0\0\0\0\0\0\0':
      return body.toString('utf8');
    default:
      return comment.toString('utf8');
  }
}

/** Puts an EXIF block behind the start of a JPEG. @throws RangeError if it does not fit a segment (64 KiB). */
export function withJpegExif(jpeg: Uint8Array, exif: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('Exif\0\0'), exif]);
  if (body.length > 0xffff - 2) throw new RangeError('The EXIF block is larger than a JPEG segment.');
  const marker = Buffer.from([0xff, 0xe1, 0, 0]);
  marker.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), marker, body, jpeg.subarray(2)]);
}

/**
 * Puts an EXIF block behind a still WebP without alpha in the simple layout, which becomes the extended one (WebP
 * container specification, RFC 9649, 2.7).
 */
export function withWebpExif(webp: Uint8Array, exif: Buffer, width: number, height: number): Buffer {
  const features = Buffer.alloc(10);
  features[0] = 0x08; // EXIF
  features.writeUIntLE(width - 1, 4, 3);
  features.writeUIntLE(height - 1, 7, 3);
  const body = Buffer.concat([Buffer.from('WEBP'), riff('VP8X', features), webp.subarray(12), riff('EXIF', exif)]);
  return riff('RIFF', body);
}

function riff(name: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(body.length, 4);
  // Chunks start at even offsets.
  return Buffer.concat([head, body, Buffer.alloc(body.length & 1)]);
}
