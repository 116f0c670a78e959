import type { Pixels } from '../pixels.js';
import { resize } from '../resize.js';

/** Pixels of a patch's side. */
const PATCH = 64;

/** Large patches of the picture's colours: a 64th of its size and back (T2I-Adapter, Mou et al. 2023). */
export function colour(picture: Pixels): Pixels {
  const { width, height } = picture;
  const patches = (side: number) => Math.max(1, Math.floor(side / PATCH));
  const small = resize(picture, patches(width), patches(height), 'bicubic');
  const data = new Uint8Array(picture.data.length);
  for (let y = 0; y < height; y++) {
    const line = Math.floor((y * small.height) / height) * small.width;
    for (let x = 0; x < width; x++) {
      const from = (line + Math.floor((x * small.width) / width)) * 3;
      data.set(small.data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data };
}
