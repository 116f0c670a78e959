import { isUtf8 } from 'node:buffer';
import { MAX_TEXT } from './max-text.js';

// The comments of JPEG and GIF, which are not EXIF.

/** The first comment of a JPEG or GIF, '' if it is longer than {@link MAX_TEXT}; null if there is none. */
export function readComment(bytes: Buffer): string | null {
  const comment = /^GIF8[79]a/.test(bytes.toString('latin1', 0, 6)) ? inGif(bytes) : inJpeg(bytes);
  if (!comment) return null;
  return comment.length > MAX_TEXT ? '' : comment.toString(isUtf8(comment) ? 'utf8' : 'latin1');
}

/** Segment COM (ITU-T T.81, B.2.4.5), before the scan. */
function inJpeg(bytes: Buffer): Buffer | null {
  if (bytes.toString('latin1', 0, 2) !== '\xff\xd8') return null;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (bytes[at + 1] === 0xfe) return bytes.subarray(at + 4, end);
    at = end;
  }
  return null;
}

/** Comment Extension (GIF89a, 24), before the first picture. */
function inGif(bytes: Buffer): Buffer | null {
  const flags = bytes[10] ?? 0;
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  while (bytes[at] === 0x21) {
    const label = bytes[at + 1];
    const blocks: Buffer[] = [];
    for (at += 2; bytes[at]; at += bytes[at]! + 1) blocks.push(bytes.subarray(at + 1, at + 1 + bytes[at]!));
    at++;
    if (label === 0xfe) return Buffer.concat(blocks);
  }
  return null;
}
