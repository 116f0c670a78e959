import type { Pixels } from '../pixels.js';

/**
 * Blurs by a Gaussian, in floating point: [height, width, 3]. Beyond its edges the picture is mirrored, without its last
 * line. As OpenCV's GaussianBlur.
 *
 * @param sigma pixels. @param reach of the bell, in sigmas: OpenCV's 4 for floating point, 3 for bytes.
 */
export function gaussian({ width, height, data }: Pixels, sigma: number, reach: 3 | 4): Float32Array {
  const bell = bellOf(sigma, reach);
  const half = (bell.length - 1) / 2;
  const rows = new Float32Array(data.length);
  const columns = mirrored(width, half);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [r, g, b] = [0, 0, 0];
      for (let k = 0; k < bell.length; k++) {
        const from = (y * width + columns[x + k]!) * 3;
        r += bell[k]! * data[from]!;
        g += bell[k]! * data[from + 1]!;
        b += bell[k]! * data[from + 2]!;
      }
      rows.set([r, g, b], (y * width + x) * 3);
    }
  }
  const out = new Float32Array(data.length);
  const lines = mirrored(height, half);
  const stride = width * 3;
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < bell.length; k++) {
      const from = lines[y + k]! * stride;
      for (let i = 0; i < stride; i++) out[y * stride + i]! += bell[k]! * rows[from + i]!;
    }
  }
  return out;
}

function bellOf(sigma: number, reach: number): Float32Array {
  const size = Math.round(sigma * reach * 2 + 1) | 1;
  const raw = Array.from({ length: size }, (_, k) => Math.exp(-((k - (size - 1) / 2) ** 2) / (2 * sigma ** 2)));
  const sum = raw.reduce((a, b) => a + b, 0);
  return Float32Array.from(raw, (weight) => weight / sum);
}

/** Where the pixels from -half to side - 1 + half lie. */
function mirrored(side: number, half: number): Int32Array {
  const period = Math.max(2 * (side - 1), 1);
  return Int32Array.from({ length: side + 2 * half }, (_, k) => {
    const at = (((k - half) % period) + period) % period;
    return Math.min(at, period - at, side - 1);
  });
}
