import { isAscii, isUtf8 } from 'node:buffer';
import { crc32, inflateSync } from 'node:zlib';
import { MAX_TEXT } from './max-text.js';

// Text chunks of the PNG specification (W3C, third edition, 11.3.3). sharp can neither write nor fully read them.

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Signature and IHDR: text goes right behind them, so that it is found without reading the pixels. */
const HEAD = SIGNATURE.length + 12 + 13;
/** Keywords have 1 to 79 bytes. */
const MAX_KEYWORD = 79;
/** Texts that are read. */
const MAX_TEXTS = 64;

/**
 * Puts a text into a PNG; every other byte stays. Latin-1 goes into a tEXt chunk, anything else into iTXt as UTF-8, as
 * Pillow's add_text does; so does Latin-1 that reads as UTF-8. NUL, which ends a text, is left out.
 */
export function withPngText(png: Uint8Array, keyword: string, text: string): Buffer {
  const clean = text.replaceAll('\0', '');
  const bytes = Buffer.from(clean, 'latin1');
  const latin1 = bytes.toString('latin1') === clean && (isAscii(bytes) || !isUtf8(bytes));
  const chunk = latin1
    ? chunkOf('tEXt', Buffer.concat([Buffer.from(`${keyword}\0`, 'latin1'), bytes]))
    : chunkOf('iTXt', Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(clean, 'utf8')]));
  return Buffer.concat([png.subarray(0, HEAD), chunk, png.subarray(HEAD)]);
}

/**
 * The texts of a PNG by keyword, from tEXt, zTXt and iTXt, and its EXIF block. Of two with one keyword the first counts.
 * A text longer than `maxText` bytes, packed or not, is ''. Damaged chunks are stepped over.
 */
export function readPng(png: Buffer, maxText = MAX_TEXT): { texts: Map<string, string>; exif: Buffer | null } {
  const texts = new Map<string, string>();
  let exif: Buffer | null = null;
  let read = 0;
  for (const { type, data } of chunksOf(png)) {
    if (type === 'eXIf') exif ??= data;
    if (!/^(?:tEXt|zTXt|iTXt)$/.test(type) || read++ >= MAX_TEXTS) continue;
    const end = data.subarray(0, MAX_KEYWORD + 1).indexOf(0);
    if (end < 0) continue;
    const keyword = data.toString('latin1', 0, end);
    if (texts.has(keyword)) continue;
    const text = textOf(type, data.subarray(end + 1), maxText);
    if (text !== null) texts.set(keyword, text);
  }
  return { texts, exif };
}

/** What takes part in showing a PNG's first picture (third edition, 11.2 and 11.3). */
const SHOWN = new Set('IHDR PLTE IDAT tRNS cHRM gAMA iCCP sBIT sRGB cICP eXIf'.split(' '));

/** Nothing but what a PNG shows: a decoder gets neither texts, which it would unpack, nor the frames of an animation. */
export function withoutPngText(png: Uint8Array): Uint8Array {
  const file = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const kept: Uint8Array[] = [file.subarray(0, SIGNATURE.length)];
  let end = SIGNATURE.length;
  for (const { type, at, next } of chunksOf(file)) {
    if (SHOWN.has(type)) kept.push(file.subarray(at, next));
    end = next;
  }
  // The end, or the rest of a file that was cut off: the decoder reports that.
  return Buffer.concat([...kept, file.subarray(end)]);
}

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

function textOf(type: string, body: Buffer, maxText: number): string | null {
  if (type === 'tEXt') return decoded(body, maxText);
  if (type === 'zTXt') return unpacked(body.subarray(1), maxText);
  // Compression flag, method, language, NUL, translated keyword, NUL.
  const language = body.indexOf(0, 2);
  const translated = body.indexOf(0, language + 1);
  if (language < 0 || translated < 0) return null;
  const text = body.subarray(translated + 1);
  return body[0] === 1 ? unpacked(text, maxText) : decoded(text, maxText);
}

/** The standard says Latin-1 for tEXt and zTXt; some programs write UTF-8 there. */
function decoded(text: Buffer, maxText: number): string {
  if (text.length > maxText) return '';
  return text.toString(isUtf8(text) ? 'utf8' : 'latin1');
}

function unpacked(bytes: Buffer, maxText: number): string | null {
  try {
    return decoded(inflateSync(bytes, { maxOutputLength: maxText }), maxText);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? '' : null;
  }
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  /** Where it begins, and the one behind it. */
  readonly at: number;
  readonly next: number;
}

function* chunksOf(png: Buffer): Generator<Chunk> {
  let at = SIGNATURE.length;
  while (at + 12 <= png.length) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const next = at + 12 + length;
    if (type === 'IEND' || next > png.length) return;
    yield { type, data: png.subarray(at + 8, at + 8 + length), at, next };
    at = next;
  }
}

function chunkOf(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length);
  chunk.write(type, 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), 8 + data.length);
  return chunk;
}
