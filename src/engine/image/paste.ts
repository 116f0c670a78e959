import type { Pixels } from './pixels.js';

/** Puts a picture into a larger one, in place, with its upper left corner at `left` and `top`. It must fit. */
export function paste(into: Pixels, { width, height, data }: Pixels, left: number, top: number): void {
  for (let y = 0; y < height; y++) {
    into.data.set(data.subarray(y * width * 3, (y + 1) * width * 3), ((top + y) * into.width + left) * 3);
  }
}
