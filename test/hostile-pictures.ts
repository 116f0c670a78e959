import { crc32, deflateSync } from 'node:zlib';

// Pictures that are made to hurt whoever opens them, small enough to be uploaded.

/**
 * A progressive JPEG, valid to the letter, of a few hundred kilobytes that takes a decoder half a minute and more: each
 * coefficient of each channel comes bit by bit, in 14 scans of its own, and every scan goes over the whole picture.
 */
export function slowJpeg(side = 6300): Buffer {
  const blocks = Math.ceil(side / 8) ** 2;
  const u16 = (value: number) => [value >> 8, value & 255];
  const segment = (marker: number, body: number[]) => [0xff, marker, ...u16(body.length + 2), ...body];
  const table = (kind: number, symbol: number) => segment(0xc4, [kind, 1, ...Array(15).fill(0), symbol]);
  const scan = (channels: number[], from: number, to: number, before: number, bits: number) =>
    segment(0xda, [channels.length, ...channels.flatMap((id) => [id, 0]), from, to, before * 16 + bits]);
  // In one bit each: "no difference" for a block's mean, and "the next 16384 and more blocks are empty".
  const means = Buffer.alloc(Math.ceil((blocks * 3) / 8));
  const empty = stuffed('011111111111111'.repeat(Math.ceil(blocks / 32767)));
  const parts: (number[] | Buffer)[] = [
    [0xff, 0xd8],
    segment(0xdb, [0, ...Array(64).fill(1)]),
    segment(0xc2, [8, ...u16(side), ...u16(side), 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
    table(0x00, 0x00),
    table(0x10, 0xe0),
    scan([1, 2, 3], 0, 0, 0, 0),
    means,
  ];
  for (const channel of [1, 2, 3]) {
    for (let k = 1; k < 64; k++) {
      for (let bits = 13; bits >= 0; bits--) parts.push(scan([channel], k, k, bits === 13 ? 0 : bits + 1, bits), empty);
    }
  }
  return Buffer.concat([...parts, [0xff, 0xd9]].map((part) => Buffer.from(part)));
}

/** Bits as a scan has them: filled up with ones, and a zero behind each byte of ones. */
function stuffed(bits: string): number[] {
  const bytes = bits.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, '1'), 2));
  return bytes.flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte]));
}

/** A PNG of one colour with other chunks in front of its pixels. */
export function pngWith(chunks: readonly Buffer[], side = 64): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2], 8);
  const pixels = deflateSync(Buffer.alloc(side * (side * 3 + 1)));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const shown = [pngChunk('IDAT', pixels), pngChunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, pngChunk('IHDR', head), ...chunks, ...shown]);
}

export function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length);
  chunk.write(type, 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), 8 + data.length);
  return chunk;
}

/** Nine megabytes of texts that unpack to nine gigabytes. */
export function textBomb(type: 'zTXt' | 'iTXt'): Buffer {
  const before = type === 'zTXt' ? 'k\0\0' : 'k\0\x01\0\0\0';
  const text = pngChunk(
    type,
    Buffer.concat([Buffer.from(before, 'latin1'), deflateSync(Buffer.alloc(7_900_000, 'a'), { level: 9 })]),
  );
  return pngWith(Array<Buffer>(Math.floor(9e6 / text.length)).fill(text));
}

/** A noise generator that keeps a renderer busy for days, in 300 bytes. */
export const SLOW_SVG = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512"><filter id="f"><feTurbulence baseFrequency="0.05" numOctaves="99999999"/></filter><rect width="512" height="512" filter="url(#f)"/></svg>',
);
