import { haar, inverseHaar } from './haar.js';
import { checkPixels, type Pixels } from './pixels.js';
import { toRgb, toYuv } from './yuv.js';

/** What the reference scripts hide in every picture: 17 bytes, 136 bits. */
export const WATERMARK = 'StableDiffusionV1';

/** Pictures with fewer pixels cannot be marked: the Python package refuses them. */
export const MIN_WATERMARK_PIXELS = 256 * 256;

/** The step that a coefficient is rounded to; the place within a step carries the bit. */
const STEP = 36;

/**
 * Hides `text` in a picture, byte for byte as invisible-watermark 0.2.0 does with its method "dwtDct": one bit in the
 * largest Haar coefficient of every 4x4 block of the U plane's low band. (There is no DCT, despite the name.)
 * @returns a new picture; the same one if it has fewer than {@link MIN_WATERMARK_PIXELS} pixels.
 */
export function watermark(picture: Pixels, text = WATERMARK): Pixels {
  checkPixels('picture', picture);
  if (picture.width * picture.height < MIN_WATERMARK_PIXELS) return picture;
  const bits = bitsOf(Buffer.from(text, 'utf8'));
  const planes = toYuv(picture);
  const { u, ...size } = cropped(planes.u, picture);
  const bands = haar(u, size);
  blocks(bands.a, size.width / 2, size.height / 2, (at, block) => {
    const value = bands.a[at]!;
    const steps = Math.floor(Math.abs(value) / STEP);
    const marked = (steps + 0.25 + 0.5 * bits[block % bits.length]!) * STEP;
    bands.a[at] = value >= 0 ? marked : -marked;
  });
  const back = inverseHaar(bands, size);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      // numpy's cast: cut towards zero, then modulo 256. Uint8Array does the same; nothing is clamped.
      planes.u[y * picture.width + x] = back[y * size.width + x]!;
    }
  }
  return toRgb(planes, picture);
}

/**
 * Reads the bytes that {@link watermark} may have hidden; every block votes for its bit. The method is weak: even
 * untouched files often lose bits, strong colours most, so compare with {@link watermarkLikeness}.
 * @returns null for a picture too small to be marked.
 */
export function readWatermark(picture: Pixels, length = WATERMARK.length): Uint8Array | null {
  checkPixels('picture', picture);
  if (picture.width * picture.height < MIN_WATERMARK_PIXELS) return null;
  const count = length * 8;
  const votes = new Float64Array(count);
  const voters = new Float64Array(count);
  const { u, ...size } = cropped(toYuv(picture).u, picture);
  const { a } = haar(u, size);
  blocks(a, size.width / 2, size.height / 2, (at, block) => {
    votes[block % count]! += Math.abs(a[at]!) % STEP > STEP / 2 ? 1 : 0;
    voters[block % count]! += 1;
  });
  const bytes = new Uint8Array(length);
  for (let bit = 0; bit < count; bit++) {
    if (voters[bit]! > 0 && (votes[bit]! / voters[bit]!) * 255 > 127) bytes[bit >> 3]! |= 0x80 >> (bit & 7);
  }
  return bytes;
}

/** Share of bits, 0..1, in which what was read agrees with `text`: about 0.5 without a mark, 0.75 is no accident. */
export function watermarkLikeness(read: Uint8Array, text = WATERMARK): number {
  const got = bitsOf(read);
  const want = bitsOf(Buffer.from(text, 'utf8'));
  return want.filter((bit, i) => bit === got[i]).length / want.length;
}

/** Most significant bit of each byte first. */
function bitsOf(bytes: Uint8Array): number[] {
  return Array.from(bytes).flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1));
}

/** The top left part whose sides are multiples of 4, as doubles. */
function cropped(plane: Uint8Array, picture: Pixels): { u: Float64Array; width: number; height: number } {
  const width = picture.width - (picture.width % 4);
  const height = picture.height - (picture.height % 4);
  const u = new Float64Array(width * height);
  for (let y = 0; y < height; y++) u.set(plane.subarray(y * picture.width, y * picture.width + width), y * width);
  return { u, width, height };
}

/** Visits the whole 4x4 blocks row by row with the place of the largest |value|, the block's first place left out. */
function blocks(band: Float64Array, width: number, height: number, visit: (at: number, block: number) => void): void {
  let block = 0;
  for (let top = 0; top + 4 <= height; top += 4) {
    for (let left = 0; left + 4 <= width; left += 4) {
      let largest = -1;
      for (let place = 1; place < 16; place++) {
        const at = (top + (place >> 2)) * width + left + (place & 3);
        if (largest < 0 || Math.abs(band[at]!) > Math.abs(band[largest]!)) largest = at;
      }
      visit(largest, block++);
    }
  }
}
