/** A part of one side of a picture: where it begins, and how much of it blends with the part before. */
export interface Span {
  readonly from: number;
  /** Pixels that it has in common with the span before; 0 for the first. */
  readonly common: number;
}

export interface Cut {
  /** Pixels along this side of every tile. */
  readonly size: number;
  readonly spans: readonly Span[];
}

/**
 * Cuts a side into spans of one size, each overlapping the next; into as few as possible, and these no larger than they need
 * to be.
 *
 * @param most pixels of a span. @param overlap pixels, at least, that neighbours have in common.
 * @param unit spans begin at its multiples, and it divides all numbers.
 */
export function cutSide(length: number, most: number, overlap: number, unit = 1): Cut {
  if (length <= most) return { size: length, spans: [{ from: 0, common: 0 }] };
  const count = Math.ceil((length - overlap) / (most - overlap));
  const up = (value: number) => Math.ceil(value / unit) * unit;
  const size = Math.min(most, up((length + (count - 1) * overlap) / count));
  const step = up((length - size) / (count - 1));
  const starts = Array.from({ length: count }, (_, k) => Math.min(k * step, length - size));
  return {
    size,
    spans: starts.map((from, k) => ({ from, common: k === 0 ? 0 : starts[k - 1]! + size - from })),
  };
}

/**
 * How much a span counts against the one before, for each of `common` pixels: nothing in its outer `margin`, which it
 * computed without its surroundings, everything where that is true of the other, and a ramp in between.
 */
export function ramp(common: number, margin: number): Float32Array {
  const between = common - 2 * margin;
  return Float32Array.from({ length: common }, (_, i) => Math.min(1, Math.max(0, (i + 0.5 - margin) / between)));
}
