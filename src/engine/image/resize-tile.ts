import { type Tile, wraps } from '../tile.js';
import type { Pixels } from './pixels.js';
import { cut } from './region.js';
import { resize } from './resize.js';

/** Source pixels that a filter may read beyond an edge, when enlarging. */
const REACH = 8;

/** Resizes with Lanczos; beyond the edges of a seamless tile lies the opposite one. */
export function resizeTile(picture: Pixels, width: number, height: number, tile: Tile | undefined): Pixels {
  const { across, down } = wraps(tile);
  const x = across ? margin(picture.width, width) : { before: 0, after: 0 };
  const y = down ? margin(picture.height, height) : { before: 0, after: 0 };
  const wide = rolled(picture, x.before, y.before);
  const large = resize(wide, width + 2 * x.after, height + 2 * y.after, 'lanczos');
  return cut(large, { left: x.after, top: y.after, width, height });
}

/** As many pixels as become a whole number of pixels: before resizing, and after it. */
function margin(from: number, to: number): { before: number; after: number } {
  const common = divisor(from, to);
  const times = Math.ceil((REACH * common) / from);
  return { before: (times * from) / common, after: (times * to) / common };
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** With `x` columns more on both sides, and `y` lines, of a picture that goes on for ever. */
export function rolled({ width, height, data }: Pixels, x: number, y: number): Pixels {
  if (x === 0 && y === 0) return { width, height, data };
  const [wide, high] = [width + 2 * x, height + 2 * y];
  const out = new Uint8Array(wide * high * 3);
  for (let line = 0; line < high; line++) {
    const from = (((line - y) % height) + height) % height;
    for (let column = 0; column < wide; column++) {
      const at = (from * width + ((((column - x) % width) + width) % width)) * 3;
      out.set(data.subarray(at, at + 3), (line * wide + column) * 3);
    }
  }
  return { width: wide, height: high, data: out };
}
