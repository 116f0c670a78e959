import { isUtf8 } from 'node:buffer';
import { MAX_TEXT } from './max-text.js';

/** Tags of EXIF 2.32 (CIPA DC-008) and of TIFF 6.0, and the comment that Windows writes. */
const EXIF_DIRECTORY = 0x8769;
const USER_COMMENT = 0x9286;
const TEXT_TAGS: ReadonlyMap<number, string> = new Map([
  [0x010e, 'ImageDescription'],
  [0x010f, 'Make'],
  [0x0110, 'Model'],
  [0x0131, 'Software'],
  [0x9c9c, 'XPComment'],
  [USER_COMMENT, 'UserComment'],
]);
const BYTE = 1;
const ASCII = 2;
const LONG = 4;
const UNDEFINED = 7;

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

/**
 * The texts of an EXIF block by their tags' names, comments decoded. A text longer than {@link MAX_TEXT} is ''. Damaged
 * entries are stepped over.
 * @param exif a TIFF block, with or without `Exif\0\0` in front.
 */
export function readExifTexts(exif: Buffer): Map<string, string> {
  const block = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
  const bigEndian = block.toString('latin1', 0, 2) === 'MM';
  const texts = new Map<string, string>();
  const start = uint(block, 4, 4, bigEndian);
  if (start === null) return texts;
  let exifDirectory = 0;
  for (const { tag, body } of entriesOf(block, start, bigEndian)) {
    if (tag === EXIF_DIRECTORY) exifDirectory = uint(body, 0, 4, bigEndian) ?? 0;
    else keep(tag, body);
  }
  if (exifDirectory > 0) for (const { tag, body } of entriesOf(block, exifDirectory, bigEndian)) keep(tag, body);
  return texts;

  function keep(tag: number, body: Buffer): void {
    const name = TEXT_TAGS.get(tag);
    if (!name || texts.has(name)) return;
    texts.set(name, body.length > MAX_TEXT ? '' : textOf(tag, body, bigEndian));
  }
}

/** Those of a directory whose values are bytes or texts, and pointers. Each byte of the directory is read once. */
function* entriesOf(block: Buffer, at: number, bigEndian: boolean): Generator<{ tag: number; body: Buffer }> {
  const count = uint(block, at, 2, bigEndian) ?? 0;
  for (let entry = at + 2; entry < at + 2 + 12 * count && entry + 12 <= block.length; entry += 12) {
    const tag = uint(block, entry, 2, bigEndian)!;
    const type = uint(block, entry + 2, 2, bigEndian)!;
    if (![BYTE, ASCII, LONG, UNDEFINED].includes(type)) continue;
    const length = uint(block, entry + 4, 4, bigEndian)! * (type === LONG ? 4 : 1);
    const from = length <= 4 ? entry + 8 : uint(block, entry + 8, 4, bigEndian)!;
    if (from + length <= block.length) yield { tag, body: block.subarray(from, from + length) };
  }
}

function uint(block: Buffer, at: number, bytes: 2 | 4, bigEndian: boolean): number | null {
  if (at + bytes > block.length) return null;
  return bigEndian ? block.readUIntBE(at, bytes) : block.readUIntLE(at, bytes);
}

/** Padding (NUL, and what is left of it) is taken off. */
function textOf(tag: number, body: Buffer, bigEndian: boolean): string {
  const text = tag === USER_COMMENT ? commentOf(body, bigEndian) : tag === 0x9c9c ? utf16(body, false) : ofBytes(body);
  return text.replaceAll('\0', '').trim();
}

/** The first eight bytes of a comment name its encoding; some programs leave them out. */
function commentOf(comment: Buffer, bigEndian: boolean): string {
  const body = comment.subarray(8);
  switch (comment.toString('latin1', 0, 8)) {
    case 'UNICODE\0':
      return wide(body, bigEndian);
    case 'JIS\0\0\0\0\0':
      return new TextDecoder('iso-2022-jp').decode(body);
    case 'ASCII\0\0\0':
    case '\0\0\0\0\0\0\0\0':
      return ofBytes(body);
    default:
      return ofBytes(comment);
  }
}

function ofBytes(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

/**
 * UTF-16. The standard does not say in which order: piexif writes big-endian whatever the block is, ImageSharp
 * little-endian. A mark says it, else the zeros of what is ASCII, else the block.
 */
function wide(body: Buffer, bigEndian: boolean): string {
  const mark = body.toString('latin1', 0, 2);
  if (mark === '\xfe\xff' || mark === '\xff\xfe') return utf16(body.subarray(2), mark === '\xfe\xff');
  const zeros: [number, number] = [0, 0];
  for (let i = 0; i < body.length; i++) if (body[i] === 0) zeros[i & 1]!++;
  const [first, second] = zeros;
  // Some write UTF-8 all the same.
  if (first + second === 0 && isUtf8(body)) return body.toString('utf8');
  return utf16(body, first === second ? bigEndian : first > second);
}

function utf16(body: Buffer, bigEndian: boolean): string {
  const even = Buffer.from(body.subarray(0, body.length & ~1));
  return (bigEndian ? even.swap16() : even).toString('utf16le');
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
