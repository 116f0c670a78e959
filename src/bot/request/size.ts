/** Pixels [width, height]. */
export type Size = readonly [width: number, height: number];

/**
 * How much a size may differ from the model's own number of pixels to keep a shape: a picture to start from holds together what
 * is painted, and shows it when it is stretched; from words alone, a model repeats itself on more than it was trained on.
 */
export const AREA_WEIGHT = { picture: 0.25, words: 0.5 } as const;

/** Of a side, in multiples of the model's step. */
const MOST_STEPS = 64;

/**
 * The size nearest to a shape and a number of pixels whose sides are multiples of `step`. The ratios' distance is that of their
 * logarithms, so that too wide and too tall, too large and too small count alike.
 *
 * @param pixels that the picture should have. @param weight of being off by that, beside being off in shape.
 */
export function sizeNear([across, down]: Size, pixels: number, step: number, weight: number): Size {
  const most = Math.min(MOST_STEPS, Math.max(1, Math.ceil(pixels / step ** 2)));
  let best: Size = [step, step];
  let least = Number.POSITIVE_INFINITY;
  for (let wide = step; wide <= most * step; wide += step) {
    for (let high = step; high <= most * step; high += step) {
      const shape = Math.abs(Math.log((wide * down) / (high * across)));
      const off = shape + weight * Math.abs(Math.log((wide * high) / pixels));
      // Equal but for rounding: the first one stays.
      if (off < least - 1e-9) [best, least] = [[wide, high], off];
    }
  }
  return best;
}

/** The ratio of the sides in small numbers, `3:5`. One that differs from a well-known one by less than can be seen is called by that. */
export function ratioOf([width, height]: Size): string {
  for (const [across, down] of KNOWN) {
    if (Math.abs(Math.log((width * down) / (height * across))) < SEEN) return `${across}:${down}`;
  }
  const divisor = greatestCommonDivisor(width, height);
  return `${width / divisor}:${height / divisor}`;
}

/** What photographs, screens and paper have. */
const KNOWN: readonly Size[] = [
  [1, 1],
  [4, 3],
  [3, 2],
  [5, 3],
  [16, 9],
  [2, 1],
  [3, 4],
  [2, 3],
  [3, 5],
  [9, 16],
  [1, 2],
];
/** Four in a hundred. */
const SEEN = 0.04;

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
