import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

// Picture files with texts as other programs write them, built without the product's own writers.

type Chunk = readonly [type: 'tEXt' | 'zTXt' | 'iTXt' | 'eXIf', ...parts: (string | Buffer)[]];

/** @param texts by keyword, as Pillow's add_text writes what is Latin-1; or whole chunks. */
export async function pngOf(texts: Record<string, string> | readonly Chunk[]): Promise<Buffer> {
  const chunks = Array.isArray(texts)
    ? (texts as readonly Chunk[])
    : Object.entries(texts).map(([keyword, text]) => ['tEXt', keyword, '\0', Buffer.from(text, 'latin1')] as const);
  const plain = await blank().png().toBuffer();
  return Buffer.concat([plain.subarray(0, 33), ...chunks.map(chunkOf), plain.subarray(33)]);
}

export async function jpegOf(exif: Buffer): Promise<Buffer> {
  const plain = await blank().jpeg().toBuffer();
  return Buffer.concat([
    plain.subarray(0, 2),
    segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exif])),
    plain.subarray(2),
  ]);
}

export async function jpegWithComment(comment: string): Promise<Buffer> {
  const plain = await blank().jpeg().toBuffer();
  return Buffer.concat([plain.subarray(0, 2), segment(0xfe, Buffer.from(comment)), plain.subarray(2)]);
}

export async function gifWithComment(comment: string): Promise<Buffer> {
  const plain = await blank().gif().toBuffer();
  const at = 13 + (plain[10]! & 0x80 ? 3 * 2 ** ((plain[10]! & 7) + 1) : 0);
  const bytes = Buffer.from(comment);
  const blocks = Array.from({ length: Math.ceil(bytes.length / 255) }, (_, i) => {
    const block = bytes.subarray(255 * i, 255 * (i + 1));
    return Buffer.concat([Buffer.from([block.length]), block]);
  });
  const extension = Buffer.concat([Buffer.from([0x21, 0xfe]), ...blocks, Buffer.from([0])]);
  return Buffer.concat([plain.subarray(0, at), extension, plain.subarray(at)]);
}

/** Tags of the first directory, and of the EXIF directory behind it. */
export interface ExifTags {
  readonly first?: Readonly<Record<number, Buffer | string>>;
  readonly comment?: Buffer;
  readonly bigEndian?: boolean;
}

/** A TIFF block. A string is of type ASCII, bytes are UNDEFINED. */
export function exifOf({ first = {}, comment, bigEndian = true }: ExifTags): Buffer {
  const u16 = (value: number) => write(2, value);
  const u32 = (value: number) => write(4, value);
  const entries = Object.entries(first);
  const count = entries.length + (comment ? 1 : 0);
  let free = 8 + 2 + 12 * count + 4;
  const bodies: Buffer[] = [];
  const directory = [u16(count)];
  for (const [tag, value] of entries) {
    const bytes = typeof value === 'string' ? Buffer.from(`${value}\0`) : value;
    // Up to four bytes stand in the entry itself.
    const inline = bytes.length <= 4 ? Buffer.concat([bytes, Buffer.alloc(4 - bytes.length)]) : u32(free);
    directory.push(u16(Number(tag)), u16(typeof value === 'string' ? 2 : 7), u32(bytes.length), inline);
    if (bytes.length > 4) {
      bodies.push(bytes);
      free += bytes.length;
    }
  }
  if (comment) directory.push(u16(0x8769), u16(4), u32(1), u32(free));
  const exif = comment ? [u16(1), u16(0x9286), u16(7), u32(comment.length), u32(free + 18), u32(0), comment] : [];
  const head = [Buffer.from(bigEndian ? 'MM' : 'II'), u16(42), u32(8)];
  return Buffer.concat([...head, ...directory, u32(0), ...bodies, ...exif]);

  function write(bytes: number, value: number): Buffer {
    const buffer = Buffer.alloc(bytes);
    if (bigEndian) buffer.writeUIntBE(value, 0, bytes);
    else buffer.writeUIntLE(value, 0, bytes);
    return buffer;
  }
}

/** A user comment in UTF-16. */
export function unicode(text: string, order: 'big' | 'little' = 'big'): Buffer {
  const little = Buffer.from(text, 'utf16le');
  return Buffer.concat([Buffer.from('UNICODE\0'), order === 'big' ? little.swap16() : little]);
}

function blank(): Sharp {
  return sharp({ create: { width: 64, height: 64, channels: 3, background: '#888' } });
}

function segment(marker: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255]), body]);
}

function chunkOf([type, ...parts]: Chunk): Buffer {
  const own = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
  const body = Buffer.concat([Buffer.from(type), ...own]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

export function packed(text: string): Buffer {
  return deflateSync(Buffer.from(text));
}

/** Whose lowest bits carry a text. */
export type Channels = 'alpha' | 'rgb';

/** A picture with bytes in its lowest bits, as sd_webui_stealth_pnginfo's add_data writes them: down the columns. */
export async function hiding(
  channels: Channels,
  signature: string,
  body: Buffer,
  bits = 8 * body.length,
  { width = 96, height = 80 } = {},
): Promise<Sharp> {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bits);
  const bytes = Buffer.concat([Buffer.from(signature), length, body]);
  const depth = channels === 'alpha' ? 4 : 3;
  const data = Buffer.from({ length: width * height * depth } as ArrayLike<number>).map((_, i) =>
    depth === 4 && i % 4 === 3 ? 254 : 100 + ((i * 7) % 50),
  );
  let bit = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      for (const channel of channels === 'alpha' ? [3] : [0, 1, 2]) {
        if (bit >= 8 * bytes.length) continue;
        const at = (y * width + x) * depth + channel;
        data[at] = (data[at]! & ~1) | ((bytes[bit >> 3]! >> (7 - (bit & 7))) & 1);
        bit++;
      }
    }
  }
  return sharp(data, { raw: { width, height, channels: depth } });
}
