import sharp from 'sharp';
import type { Pixels } from '../../src/engine/image/pixels.js';

/** A picture file as RGB. */
export async function read(file: string): Promise<Pixels> {
  const { data, info } = await sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** How far two pictures of one size are apart. */
export function differences(
  a: Pixels,
  b: Pixels,
): { largest: number; fraction: number; mean: number; goodBlocks: number } {
  if (a.width !== b.width || a.height !== b.height)
    throw new Error(`${a.width}x${a.height} is not ${b.width}x${b.height}`);
  let [largest, differing, sum] = [0, 0, 0];
  const [columns, rows] = [Math.floor(a.width / 8), Math.floor(a.height / 8)];
  const worst = new Uint8Array(columns * rows);
  for (let i = 0; i < a.data.length; i++) {
    const difference = Math.abs(a.data[i]! - b.data[i]!);
    largest = Math.max(largest, difference);
    sum += difference;
    if (difference > 0) differing++;
    const [x, y] = [(Math.floor(i / 3) % a.width) >> 3, Math.floor(i / 3 / a.width) >> 3];
    if (x < columns && y < rows) worst[y * columns + x] = Math.max(worst[y * columns + x]!, difference);
  }
  return {
    largest,
    fraction: differing / a.data.length,
    mean: sum / a.data.length,
    /** Share of 8x8 blocks that differ by 2 at most: one pixel off by one may move a watermarked block by several. */
    goodBlocks: worst.filter((value) => value <= 2).length / worst.length,
  };
}

/** Peak signal-to-noise ratio in decibels; infinite for equal pictures. */
export function psnr(a: Pixels, b: Pixels): number {
  if (a.data.length !== b.data.length) throw new Error('The pictures have different sizes.');
  const squares = a.data.reduce((sum, byte, k) => sum + (byte - b.data[k]!) ** 2, 0);
  return 10 * Math.log10((255 * 255 * a.data.length) / squares);
}
