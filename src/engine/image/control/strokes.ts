import type { Pixels } from '../pixels.js';
import { gaussian } from './gaussian.js';

/** How much darker than around it a pixel of a stroke is: AUTOMATIC1111's threshold of 32, halved as it halves it. */
const STROKE = 16;

/**
 * Strokes as of a thick pen, white on black: a difference of Gaussians above a threshold (Winnemöller 2011), as the
 * ControlNet extension's scribble_xdog.
 */
export function scribble(picture: Pixels): Pixels {
  const darker = darkerThan(gaussian(picture, 5, 4), gaussian(picture, 0.5, 4));
  return grey(picture, (at) => (darker[at]! > STROKE ? 255 : 0));
}

/**
 * The lines of a drawing on paper, white on black, as strong as they are dark, as the ControlNet extension's
 * lineart_standard.
 */
export function lineart(picture: Pixels): Pixels {
  const darker = darkerThan(gaussian(picture, 6, 4), Float32Array.from(picture.data));
  const strength = Math.max(16, median(darker.filter((value) => value > 8)) || 0);
  return grey(picture, (at) => Math.min(Math.max((darker[at]! / strength) * 127, 0), 255));
}

/** In the channel where it is least so, 255 at most; [height, width]. */
function darkerThan(around: Float32Array, own: Float32Array): Float32Array {
  return Float32Array.from({ length: own.length / 3 }, (_, at) => {
    const [r, g, b] = [0, 1, 2].map((channel) => around[3 * at + channel]! - own[3 * at + channel]!);
    return Math.min(r!, g!, b!, 255);
  });
}

/** Not a number if there are no values. */
function median(values: Float32Array): number {
  const sorted = values.sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** @param value of each pixel, 0..255, cut off. */
function grey({ width, height }: Pixels, value: (at: number) => number): Pixels {
  const data = new Uint8Array(3 * width * height);
  for (let at = 0; at < width * height; at++) data.fill(value(at), 3 * at, 3 * at + 3);
  return { width, height, data };
}
