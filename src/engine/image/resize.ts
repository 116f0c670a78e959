import type { Pixels } from './pixels.js';

/** What weighs the pixels around a point, zero beyond `radius` (in source pixels when enlarging). */
interface Filter {
  readonly radius: number;
  weight(x: number): number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const FILTERS = {
  lanczos: { radius: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
  /** Keys 1981 with a = -0.5. */
  bicubic: {
    radius: 2,
    weight(x) {
      const a = -0.5;
      const d = Math.abs(x);
      if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
    },
  },
} satisfies Record<string, Filter>;

/** Bits behind the point of a weight. */
const PRECISION = 22;

/**
 * Resizes exactly as Pillow 13's `Image.resize` does for 8-bit RGB: one pass a side that changes, each rounded to bytes,
 * with 22-bit fixed-point weights. Rows go first, unless the height loses more than twice the pixels that the width does
 * (python-pillow/Pillow#9549; before Pillow 13 rows always went first). The same size gives the same picture.
 */
export function resize(picture: Pixels, width: number, height: number, filter: keyof typeof FILTERS): Pixels {
  const shape = FILTERS[filter];
  const wide = (from: Pixels) => (width === from.width ? from : resizeRows(from, weigh(from.width, width, shape)));
  const high = (from: Pixels) =>
    height === from.height ? from : resizeColumns(from, weigh(from.height, height, shape));
  const lost = picture.height - height;
  return lost > 0 && lost > 2 * (picture.width - width) ? wide(high(picture)) : high(wide(picture));
}

/** For each place of the output: where its source pixels begin and their weights in fixed point. */
type Taps = readonly { readonly first: number; readonly weights: Int32Array }[];

function weigh(from: number, to: number, { radius, weight }: Filter): Taps {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = radius * stretch;
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(center - reach + 0.5), 0);
    const end = Math.min(Math.trunc(center + reach + 0.5), from);
    // Times the inverse, not divided: Pillow rounds so.
    const raw = Float64Array.from({ length: end - first }, (_, x) =>
      weight((x + first - center + 0.5) * (1 / stretch)),
    );
    const sum = raw.reduce((total, w) => total + w, 0);
    // Half away from zero.
    const weights = Int32Array.from(raw, (w) => Math.trunc((w / sum) * 2 ** PRECISION + (w / sum < 0 ? -0.5 : 0.5)));
    return { first, weights };
  });
}

// The sums below fit 32 bits: |weights| add up to less than 2 * 2^22, pixels are below 2^8.

function resizeRows({ width, height, data }: Pixels, taps: Taps): Pixels {
  const out = new Uint8ClampedArray(taps.length * height * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (const { first, weights } of taps) {
      let from = (y * width + first) * 3;
      let r = 1 << (PRECISION - 1);
      let g = r;
      let b = r;
      for (let k = 0; k < weights.length; k++, from += 3) {
        const weight = weights[k]!;
        r = (r + weight * data[from]!) | 0;
        g = (g + weight * data[from + 1]!) | 0;
        b = (b + weight * data[from + 2]!) | 0;
      }
      out[to++] = r >> PRECISION;
      out[to++] = g >> PRECISION;
      out[to++] = b >> PRECISION;
    }
  }
  return { width: taps.length, height, data: new Uint8Array(out.buffer) };
}

function resizeColumns({ width, data }: Pixels, taps: Taps): Pixels {
  const stride = width * 3;
  const out = new Uint8ClampedArray(stride * taps.length);
  const sums = new Int32Array(stride);
  taps.forEach(({ first, weights }, y) => {
    sums.fill(1 << (PRECISION - 1));
    weights.forEach((weight, k) => {
      const from = (first + k) * stride;
      for (let x = 0; x < stride; x++) sums[x] = sums[x]! + weight * data[from + x]!;
    });
    for (let x = 0; x < stride; x++) out[y * stride + x] = sums[x]! >> PRECISION;
  });
  return { width, height: taps.length, data: new Uint8Array(out.buffer) };
}
