import type { Pixels } from './pixels.js';
import { resize } from './resize.js';

/** Cuts off what does not fit the shape, alike on both sides, and resizes what is left. */
export function cover(picture: Pixels, width: number, height: number): Pixels {
  const scale = Math.min(picture.width / width, picture.height / height);
  const part = {
    width: Math.min(picture.width, Math.max(1, Math.round(width * scale))),
    height: Math.min(picture.height, Math.max(1, Math.round(height * scale))),
  };
  return resize(middle(picture, part), width, height, 'lanczos');
}

function middle(picture: Pixels, { width, height }: Pick<Pixels, 'width' | 'height'>): Pixels {
  if (width === picture.width && height === picture.height) return picture;
  const [left, top] = [(picture.width - width) >> 1, (picture.height - height) >> 1];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 3;
    data.set(picture.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}
