import { type Pixels, unitTensorOf } from '../image/pixels.js';
import type { Tensor } from '../networks.js';
import { allFinite } from '../numbers.js';
import { type Cut, cutSide, ramp } from './tiles.js';

/** How pictures are cut into tiles. */
export interface Cutting {
  /** Pixels of a tile's side, before it is enlarged. */
  readonly tile: number;
  /** Pixels at a tile's border that are not used where another tile has them. */
  readonly margin: number;
}

/** As measured (docs/performance.md): a larger tile takes more memory, a narrower margin shows where tiles meet. */
export const CUTTING: Cutting = { tile: 128, margin: 12 };
/** Pixels in which neighbours blend, between their margins. */
const RAMP = 8;

/** Enlarges pictures [1, 3, h, w] in 0..1, whose sides are multiples of `unit`, to [1, 3, h * scale, w * scale]. */
export interface Enlarger {
  readonly scale: number;
  readonly unit: number;
  run(picture: Tensor): Promise<Tensor>;
}

/** How a picture of this size is cut. The sides are those of {@link padded}. */
function cutsOf(width: number, height: number, unit: number, { tile, margin }: Cutting): { columns: Cut; rows: Cut } {
  const cut = (side: number) => cutSide(Math.ceil(side / unit) * unit, tile, 2 * margin + RAMP, unit);
  return { columns: cut(width), rows: cut(height) };
}

/** How many runs a picture takes. */
export function tilesOf(width: number, height: number, { unit }: Pick<Enlarger, 'unit'>, cutting = CUTTING): number {
  const { columns, rows } = cutsOf(width, height, unit, cutting);
  return columns.spans.length * rows.spans.length;
}

/**
 * A picture, larger by the network's scale. Tile by tile, so that memory does not grow with the picture: their margins, which
 * are computed without what is around them, are left out, and they blend where they meet.
 *
 * @param onTile called before each tile; what it throws ends the work.
 * @returns undefined if the network's numbers are no picture.
 */
export async function enlarge(
  network: Enlarger,
  picture: Pixels,
  onTile: () => Promise<void>,
  cutting = CUTTING,
): Promise<Pixels | undefined> {
  const { scale, unit } = network;
  const { columns, rows } = cutsOf(picture.width, picture.height, unit, cutting);
  const whole = blank(picture.width * scale, picture.height * scale);
  for (const { from: top, common: above } of rows.spans) {
    const strip = blank(whole.width, rows.size * scale);
    for (const { from: left, common: before } of columns.spans) {
      await onTile();
      const part = await network.run(unitTensorOf(padded(picture, left, top, columns.size, rows.size)));
      if (!allFinite(part.data)) return undefined;
      lay(bytesOf(part), strip, left * scale, 0, ramp(before * scale, cutting.margin * scale), NONE);
    }
    lay(strip, whole, 0, top * scale, NONE, ramp(above * scale, cutting.margin * scale));
  }
  return whole;
}

const NONE = new Float32Array(0);

function blank(width: number, height: number): Pixels {
  return { width, height, data: new Uint8Array(width * height * 3) };
}

/** A part of a picture. Beyond the right and bottom side stands the reflection, without the pixels on the side itself. */
function padded({ width, height, data }: Pixels, left: number, top: number, wide: number, high: number): Pixels {
  const part = blank(wide, high);
  for (let y = 0; y < high; y++) {
    const row = reflected(top + y, height) * width;
    for (let x = 0; x < wide; x++) {
      const from = (row + reflected(left + x, width)) * 3;
      const to = (y * wide + x) * 3;
      for (let c = 0; c < 3; c++) part.data[to + c] = data[from + c]!;
    }
  }
  return part;
}

/** A picture of one or two pixels has fewer than its reflection needs: the last is repeated then. */
function reflected(at: number, side: number): number {
  return at < side ? at : Math.max(0, 2 * (side - 1) - at);
}

/** 0..1 to 0..255, rounded to the nearest, halves to the even one. */
function bytesOf({ data, shape }: Tensor): Pixels {
  const [, , height, width] = shape as [number, number, number, number];
  const plane = width * height;
  // Rounds so, and clamps.
  const bytes = new Uint8ClampedArray(3 * plane);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < plane; i++) bytes[i * 3 + c] = data[c * plane + i]! * 255;
  }
  return { width, height, data: new Uint8Array(bytes.buffer) };
}

/** Lays a part over a picture, which cuts it off. @param across,down how much it counts at its left and upper side. */
function lay(part: Pixels, onto: Pixels, left: number, top: number, across: Float32Array, down: Float32Array): void {
  const width = Math.min(part.width, onto.width - left);
  const height = Math.min(part.height, onto.height - top);
  for (let y = 0; y < height; y++) {
    const share = down[y] ?? 1;
    for (let x = 0; x < width; x++) {
      const weight = share * (across[x] ?? 1);
      const from = (y * part.width + x) * 3;
      const to = ((top + y) * onto.width + left + x) * 3;
      for (let c = 0; c < 3; c++) {
        const before = onto.data[to + c]!;
        onto.data[to + c] = Math.round(before + weight * (part.data[from + c]! - before));
      }
    }
  }
}
