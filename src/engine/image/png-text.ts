import { crc32, inflateSync } from 'node:zlib';

// Text chunks of the PNG specification (W3C, third edition, 11.3.3). sharp can neither write nor fully read them.

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Signature and IHDR: text goes right behind them, so that it is found without reading the pixels. */
const HEAD = SIGNATURE.length + 12 + 13;
/** Of one text, unpacked. */
const MAX_TEXT = 2 ** 20;

/**
 * Puts a text into a PNG; every other byte stays. Latin-1 goes into a tEXt chunk, anything else into iTXt as UTF-8, as
 * Pillow's add_text does. NUL, which ends a text, is left out.
 */
export function withPngText(png: Uint8Array, keyword: string, text: string): Buffer {
  const clean = text.replaceAll('\0', '');
  const latin1 = [...clean].every((letter) => letter <= 'ÿ');
  const chunk = latin1
    ? chunkOf('tEXt', Buffer.from(`${keyword}\0${clean}`, 'latin1'))
    : chunkOf('iTXt', Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(clean, 'utf8')]));
  return Buffer.concat([png.subarray(0, HEAD), chunk, png.subarray(HEAD)]);
}

/** The first text of that keyword, from tEXt, zTXt or iTXt; null if there is none. Damaged chunks are stepped over. */
export function readPngText(png: Uint8Array, keyword: string): string | null {
  for (const { type, data } of chunksOf(Buffer.from(png.buffer, png.byteOffset, png.byteLength))) {
    const end = data.indexOf(0);
    if (end < 0 || data.toString('latin1', 0, end) !== keyword) continue;
    const text = textOf(type, data.subarray(end + 1));
    if (text !== null) return text;
  }
  return null;
}

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

function textOf(type: string, body: Buffer): string | null {
  if (type === 'tEXt') return body.toString('latin1');
  if (type === 'zTXt') return unpack(body.subarray(1))?.toString('latin1') ?? null;
  if (type !== 'iTXt') return null;
  // Compression flag, method, language, NUL, translated keyword, NUL.
  const language = body.indexOf(0, 2);
  const translated = body.indexOf(0, language + 1);
  if (language < 0 || translated < 0) return null;
  const text = body.subarray(translated + 1);
  return (body[0] === 1 ? unpack(text) : text)?.toString('utf8') ?? null;
}

function unpack(bytes: Buffer): Buffer | null {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_TEXT });
  } catch {
    return null;
  }
}

function* chunksOf(png: Buffer): Generator<{ type: string; data: Buffer }> {
  let at = SIGNATURE.length;
  while (at + 12 <= png.length) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    if (type === 'IEND' || at + 12 + length > png.length) return;
    yield { type, data: png.subarray(at + 8, at + 8 + length) };
    at += 12 + length;
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
