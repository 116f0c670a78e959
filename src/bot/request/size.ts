/** Pixels [width, height]. */
export type Size = readonly [width: number, height: number];

/** Common ratios of width to height. */
export const ASPECTS = { square: [1, 1], portrait: [2, 3], landscape: [3, 2], tall: [9, 16], wide: [16, 9] } as const;

/**
 * How much a deviation from the model's native area counts against one from the shape. A source picture holds the
 * composition together, but distortion shows; from words alone, a model repeats itself beyond the size it was trained
 * on.
 */
export const AREA_WEIGHT = { picture: 0.25, words: 0.5 } as const;

/** Most pixels of a picture of which only the masked part is painted: it passes through every process whole. */
export const MOST_MASKED = 2048 ** 2;

/** Most pixels of a picture that is enlarged without a model; a larger one is shrunk first. */
export const MOST_TO_ENLARGE = 1024 ** 2;

/** Its own, shrunk if it has more than so many pixels. */
export function atMost([width, height]: Size, pixels: number): Size {
  const scale = Math.min(1, Math.sqrt(pixels / (width * height)));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return [side(width), side(height)];
}

/** Most multiples of the model's step in a side. */
const MOST_STEPS = 64;

/**
 * The size nearest to a shape and an area whose sides are multiples of `step`. Ratios are compared by their logarithms,
 * so that too wide and too tall, or too large and too small, count alike.
 *
 * @param pixels the wanted area. @param weight of a deviation in area, relative to one in shape.
 */
export function sizeNear([across, down]: Size, pixels: number, step: number, weight: number): Size {
  const most = Math.min(MOST_STEPS, Math.max(1, Math.ceil(pixels / step ** 2)));
  // Divided first: a ratio of very long numbers stays one.
  const ratio = across / down;
  let best: Size = [step, step];
  let least = Number.POSITIVE_INFINITY;
  for (let wide = step; wide <= most * step; wide += step) {
    for (let high = step; high <= most * step; high += step) {
      const shape = Math.abs(Math.log(wide / high / ratio));
      const off = shape + weight * Math.abs(Math.log((wide * high) / pixels));
      // Equal but for rounding errors: the first one stays.
      if (off < least - 1e-9) [best, least] = [[wide, high], off];
    }
  }
  return best;
}

/**
 * The ratio of the sides in small numbers, such as `3:5`. A ratio indistinguishable from a well-known one is given as
 * that.
 */
export function ratioOf([width, height]: Size): string {
  for (const [across, down] of KNOWN) {
    if (Math.abs(Math.log((width * down) / (height * across))) < SEEN) return `${across}:${down}`;
  }
  const divisor = greatestCommonDivisor(width, height);
  return `${width / divisor}:${height / divisor}`;
}

/** The ratios of photographs, screens and paper. */
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
/** A visible difference: four per cent. */
const SEEN = 0.04;

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
