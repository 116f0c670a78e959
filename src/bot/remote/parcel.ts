import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';

const [deflated, inflated] = [promisify(deflate), promisify(inflate)];
/** Most bytes of one picture's pixels: 16 million pixels of three bytes. */
const MOST = 2 ** 24 * 3;

/** Plain data as JSON, and the bytes that were in it. */
export interface Parcel {
  /** Each array of bytes became `{ "bytes": index }`. */
  readonly text: string;
  readonly bytes: readonly Uint8Array[];
}

/** Takes the bytes out of plain data, so that the rest is JSON and the bytes travel as they are. */
export function pack(value: unknown): Parcel {
  const bytes: Uint8Array[] = [];
  const plain = (part: unknown): unknown => {
    if (part instanceof Uint8Array) return { bytes: bytes.push(part) - 1 };
    if (Array.isArray(part)) return part.map(plain);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, plain(each)]));
  };
  return { text: JSON.stringify(plain(value)), bytes };
}

/** @throws Error if bytes are missing. */
export function unpack(text: string, bytes: readonly (Uint8Array | null | undefined)[]): unknown {
  return JSON.parse(text, (_, part) => {
    if (typeof part?.bytes !== 'number') return part;
    const found = bytes[part.bytes];
    if (!found) throw new Error('Bytes of a parcel are missing.');
    return found;
  });
}

/** Pixels, packed quickly and without loss: a picture of 512 x 512 takes about half a megabyte. */
export function squeezed(pixels: Uint8Array): Promise<Buffer> {
  return deflated(pixels, { level: 1 });
}

/** @throws Error if they are damaged, or more than the largest picture has. */
export function unsqueezed(bytes: Uint8Array): Promise<Buffer> {
  return inflated(bytes, { maxOutputLength: MOST });
}
