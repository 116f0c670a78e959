import type { Pixels } from './pixels.js';

/** A part of a picture, in pixels from its top left corner. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Width and height in pixels. */
type Picture = Pick<Pixels, 'width' | 'height'>;

/** The least region that has everything of a mask that is not black; null if all of it is. */
export function maskedRegion({ width, height, data }: Pixels): Region | null {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[3 * (y * width + x)] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** With as many more pixels at each side, as far as the picture goes. */
export function padded({ left, top, width, height }: Region, padding: number, picture: Picture): Region {
  const [x, y] = [Math.max(0, left - padding), Math.max(0, top - padding)];
  return {
    left: x,
    top: y,
    width: Math.min(picture.width, left + width + padding) - x,
    height: Math.min(picture.height, top + height + padding) - y,
  };
}

/**
 * The region, made wider or higher until it has the proportions of a size: about its middle, or as near as the picture's edges
 * allow; not beyond the picture.
 */
export function shapedAs(region: Region, size: Picture, picture: Picture): Region {
  const width = Math.max(region.width, Math.round((region.height * size.width) / size.height));
  const height = Math.max(region.height, Math.round((region.width * size.height) / size.width));
  const [left, across] = grown(region.left, region.width, width, picture.width);
  const [top, down] = grown(region.top, region.height, height, picture.height);
  return { left, top, width: across, height: down };
}

function grown(from: number, length: number, wanted: number, limit: number): [number, number] {
  const long = Math.min(Math.max(wanted, length), limit);
  const start = from - Math.floor((long - length) / 2);
  return [Math.min(Math.max(0, start), limit - long), long];
}

/** The same part of a picture of another size. */
export function scaled({ left, top, width, height }: Region, from: Picture, to: Picture): Region {
  const x = (at: number) => Math.round((at * to.width) / from.width);
  const y = (at: number) => Math.round((at * to.height) / from.height);
  const [l, t] = [Math.min(x(left), to.width - 1), Math.min(y(top), to.height - 1)];
  return { left: l, top: t, width: Math.max(1, x(left + width) - l), height: Math.max(1, y(top + height) - t) };
}

/** A region of a picture; of all of it, the picture itself. */
export function cut(picture: Pixels, { left, top, width, height }: Region): Pixels {
  if (width === picture.width && height === picture.height) return picture;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 3;
    data.set(picture.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}

/**
 * A copy of the picture with `part` in the region where the mask is white, the picture's own pixels where it is black, and a
 * mixture where it is grey. @param part in the region's size. @param mask in the picture's size.
 */
export function pasted(picture: Pixels, part: Pixels, mask: Pixels, region: Region): Pixels {
  const data = Uint8Array.from(picture.data);
  for (let y = 0; y < region.height; y++) {
    const to = 3 * ((region.top + y) * picture.width + region.left);
    const from = 3 * y * region.width;
    for (let i = 0; i < 3 * region.width; i++) {
      const share = mask.data[to + i]! / 255;
      data[to + i] = Math.round(share * part.data[from + i]! + (1 - share) * picture.data[to + i]!);
    }
  }
  return { ...picture, data };
}
