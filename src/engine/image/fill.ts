import type { Pixels } from './pixels.js';

/** Standard deviations of the blurs in pixels, from the farthest colours to the nearest, and how often each is laid over the last. */
const LAYERS = [
  [256, 1],
  [64, 1],
  [16, 2],
  [4, 4],
  [2, 2],
  [0, 1],
] as const;

/**
 * The picture with the white part of the mask filled from what is around it: blurs of the kept pixels, the narrower ones over
 * the wider ones (AUTOMATIC1111, modules/masking.py, fill). Black where nothing is kept.
 *
 * @param mask in the picture's size.
 */
export function filled({ width, height, data }: Pixels, mask: Pixels): Pixels {
  const kept = new Float32Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const opacity = 1 - mask.data[3 * i]! / 255;
    for (let c = 0; c < 3; c++) kept[4 * i + c] = opacity * data[3 * i + c]!;
    kept[4 * i + 3] = opacity;
  }
  const all = new Float32Array(kept.length);
  for (const [sigma, times] of LAYERS) {
    const layer = sigma === 0 ? kept : blurred(kept, width, height, sigma);
    for (let time = 0; time < times; time++) layOver(all, layer);
  }
  const result = new Uint8Array(data.length);
  for (let i = 0; i < width * height; i++) {
    const opacity = all[4 * i + 3]!;
    for (let c = 0; opacity > 0 && c < 3; c++) result[3 * i + c] = Math.min(255, Math.round(all[4 * i + c]! / opacity));
  }
  return { width, height, data: result };
}

/** Both have colours multiplied by their opacity. */
function layOver(all: Float32Array, layer: Float32Array): void {
  for (let i = 0; i < all.length; i += 4) {
    const through = 1 - layer[i + 3]!;
    for (let c = 0; c < 4; c++) all[i + c] = layer[i + c]! + through * all[i + c]!;
  }
}

const PASSES = 3;

/** Nearly a Gaussian, as in Pillow: three box blurs, whose edges count in part (Gwosdek et al. 2011). Edges go on as they end. */
function blurred(values: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const radius = boxRadius(sigma ** 2 / PASSES);
  const result = Float32Array.from(values);
  for (let c = 0; c < 4; c++) {
    for (let y = 0; y < height; y++) blurLine(result, 4 * y * width + c, 4, width, radius);
    for (let x = 0; x < width; x++) blurLine(result, 4 * x + c, 4 * width, height, radius);
  }
  return result;
}

/** The radius of a box with that variance. Its fraction is how much the pixels just outside count. */
function boxRadius(variance: number): number {
  const whole = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
  const missing = (2 * whole + 1) * (3 * variance - whole * (whole + 1));
  return whole + missing / (6 * ((whole + 1) ** 2 - variance));
}

function blurLine(values: Float32Array, start: number, stride: number, length: number, radius: number): void {
  const whole = Math.floor(radius);
  const part = radius - whole;
  const line = Float64Array.from({ length }, (_, k) => values[start + k * stride]!);
  const sums = new Float64Array(length + 1);
  const at = (k: number) => line[Math.min(Math.max(k, 0), length - 1)]!;
  /** Of all that is left of k, against what is left of the line. */
  const before = (k: number) =>
    k < 0 ? k * line[0]! : k > length ? sums[length]! + (k - length) * line[length - 1]! : sums[k]!;
  for (let pass = 0; pass < PASSES; pass++) {
    for (let k = 0; k < length; k++) sums[k + 1] = sums[k]! + line[k]!;
    const next = line.map((_, k) => {
      const inside = before(k + whole + 1) - before(k - whole);
      return (inside + part * (at(k - whole - 1) + at(k + whole + 1))) / (2 * radius + 1);
    });
    line.set(next);
  }
  for (let k = 0; k < length; k++) values[start + k * stride] = line[k]!;
}
