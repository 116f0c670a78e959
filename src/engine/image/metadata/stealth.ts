import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { pictureFormat } from '../format.js';
import { MAX_TEXT } from '../max-text.js';
import { withoutPngText } from '../png-text.js';
import type { Texts } from './texts.js';

const unzipped = promisify(gunzip);

/** The first bytes, by the channels whose lowest bits carry them, and how the text behind them is packed. */
const SIGNATURES: Readonly<Record<string, { readonly channels: 'alpha' | 'rgb'; readonly packed: boolean }>> = {
  stealth_pnginfo: { channels: 'alpha', packed: false },
  stealth_pngcomp: { channels: 'alpha', packed: true },
  stealth_rgbinfo: { channels: 'rgb', packed: false },
  stealth_rgbcomp: { channels: 'rgb', packed: true },
};
const SIGNATURE = 'stealth_pnginfo'.length;
/** Bytes in front of the text: the signature, and the text's length in bits, big-endian. */
const HEAD = SIGNATURE + 4;

/**
 * The text that some programs hide in a picture's pixels, so that it survives where metadata is taken off: the lowest bits
 * of alpha, or of red, green and blue, down each column and then along the rows (sd_webui_stealth_pnginfo,
 * scripts/stealth_pnginfo.py). It is AUTOMATIC1111's text, SwarmUI's JSON or all of NovelAI's texts as JSON, and stands where
 * their readers look for it.
 *
 * @returns nothing for a format that changes pixels, for a text longer than {@link MAX_TEXT}, and for what is damaged.
 */
export async function hiddenTexts(bytes: Uint8Array): Promise<Texts> {
  const text = await hiddenText(bytes).catch(() => null);
  return new Map(text ? ['parameters', 'UserComment'].map((place) => [place, text]) : []);
}

async function hiddenText(bytes: Uint8Array): Promise<string | null> {
  const format = pictureFormat(bytes);
  if (format !== 'png' && !(format === 'webp' && isLossless(bytes))) return null;
  const file = format === 'png' ? withoutPngText(bytes) : bytes;
  const { default: sharp } = await import('sharp');
  const open = () => sharp(file, { limitInputPixels: false, ignoreIcc: true });
  const { width, height, channels, depth } = await open().metadata();
  if (depth !== 'uchar' || channels < 3) return null;

  for (const kind of ['alpha', 'rgb'] as const) {
    const perPixel = kind === 'alpha' ? 1 : 3;
    if (kind === 'alpha' && channels < 4) continue;
    const read = async (length: number): Promise<Buffer | null> => {
      const columns = Math.ceil((8 * length) / perPixel / height);
      if (columns > width) return null;
      const strip = open().extract({ left: 0, top: 0, width: columns, height }).raw();
      const { data, info } = await strip.toBuffer({ resolveWithObject: true });
      return info.channels === channels ? carried(data, info, kind, length) : null;
    };
    const head = await read(HEAD);
    const signature = head && SIGNATURES[head.toString('latin1', 0, SIGNATURE)];
    if (!signature || signature.channels !== kind) continue;
    const length = head.readUInt32BE(SIGNATURE) / 8;
    if (!Number.isInteger(length) || length > MAX_TEXT) return null;
    const body = (await read(HEAD + length))?.subarray(HEAD);
    if (!body) return null;
    const text = signature.packed ? await unzipped(body, { maxOutputLength: MAX_TEXT }) : body;
    return new TextDecoder('utf-8', { fatal: true }).decode(text);
  }
  return null;
}

interface Strip {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Bytes from the lowest bits, the first bit the highest. */
function carried(pixels: Buffer, { width, height, channels }: Strip, kind: 'alpha' | 'rgb', length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let bit = 0; bit < 8 * length; bit++) {
    const [at, channel] = kind === 'alpha' ? [bit, 3] : [Math.floor(bit / 3), bit % 3];
    const [x, y] = [Math.floor(at / height), at % height];
    const low = pixels[(y * width + x) * channels + channel]! & 1;
    bytes[bit >> 3]! |= low << (7 - (bit & 7));
  }
  return bytes;
}

/** WebP's lossless kind has a chunk of its own (RFC 9649, 2.6), the first or, in the extended layout, one of the next. */
function isLossless(webp: Uint8Array): boolean {
  return Buffer.from(webp.buffer, webp.byteOffset, webp.byteLength).includes('VP8L', 12, 'latin1');
}
