import type { Pixels } from '../pixels.js';

/** tan(22.5 degrees) with 15 bits behind the point, as OpenCV rounds it. */
const TAN = 13573;
const BITS = 15;

/** Of the map: no edge, an edge if one beside it is, an edge. */
const [NONE, PERHAPS, EDGE] = [0, 1, 2];

/**
 * Edges, white on black (Canny 1986), bit for bit as OpenCV's Canny finds them, which ControlNet was trained with: the
 * gradient is Sobel's, of the channel where it is strongest, as |dx| + |dy|; thin lines are where it is larger than on both
 * sides; those above `high` are edges, and those above `low` that lead to one. Like OpenCV's, it does not blur first.
 *
 * @param low 0..2040, as `high`; ControlNet's own are 100 and 200.
 */
export function canny(picture: Pixels, low = 100, high = 200): Pixels {
  const { width, height } = picture;
  const { dx, dy, size } = gradients(picture);
  // A frame of one pixel without gradient around the picture.
  const stride = width + 2;
  const map = new Uint8Array(stride * (height + 2));
  const strong: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y + 1) * stride + x + 1;
      const m = size[at]!;
      if (m <= low || !isRidge(size, at, stride, dx[y * width + x]!, dy[y * width + x]!)) continue;
      map[at] = m > high ? EDGE : PERHAPS;
      if (m > high) strong.push(at);
    }
  }
  const around = [-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1];
  for (let at = strong.pop(); at !== undefined; at = strong.pop()) {
    for (const step of around) {
      if (map[at + step] !== PERHAPS) continue;
      map[at + step] = EDGE;
      strong.push(at + step);
    }
  }
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      if (map[(y + 1) * stride + x + 1] === EDGE) data.fill(255, from, from + 3);
    }
  }
  return { width, height, data };
}

/** @returns the gradient, and its size with a frame of one pixel of `NONE` around it. */
function gradients({ width, height, data }: Pixels): { dx: Int32Array; dy: Int32Array; size: Int32Array } {
  const dx = new Int32Array(width * height);
  const dy = new Int32Array(width * height);
  const size = new Int32Array((width + 2) * (height + 2)).fill(NONE);
  for (let y = 0; y < height; y++) {
    const [above, row, below] = [Math.max(y - 1, 0), y, Math.min(y + 1, height - 1)].map((line) => line * width) as [
      number,
      number,
      number,
    ];
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.max(x - 1, 0), Math.min(x + 1, width - 1)];
      let most = -1;
      for (let channel = 0; channel < 3; channel++) {
        const at = (line: number, column: number) => data[(line + column) * 3 + channel]!;
        const [nw, n, ne] = [at(above, left), at(above, x), at(above, right)];
        const [w, e] = [at(row, left), at(row, right)];
        const [sw, s, se] = [at(below, left), at(below, x), at(below, right)];
        const across = ne + 2 * e + se - nw - 2 * w - sw;
        const down = sw + 2 * s + se - nw - 2 * n - ne;
        const sum = Math.abs(across) + Math.abs(down);
        if (sum <= most) continue;
        most = sum;
        dx[row + x] = across;
        dy[row + x] = down;
      }
      size[(y + 1) * (width + 2) + x + 1] = most;
    }
  }
  return { dx, dy, size };
}

/** Whether it is the largest along its gradient, which is taken as horizontal, vertical or diagonal. */
function isRidge(size: Int32Array, at: number, stride: number, dx: number, dy: number): boolean {
  const m = size[at]!;
  const [wide, high] = [Math.abs(dx), Math.abs(dy) * 2 ** BITS];
  const flat = wide * TAN;
  if (high < flat) return m > size[at - 1]! && m >= size[at + 1]!;
  // tan(67.5 degrees) is tan(22.5 degrees) + 2.
  if (high > flat + wide * 2 ** (BITS + 1)) return m > size[at - stride]! && m >= size[at + stride]!;
  const slope = (dx ^ dy) < 0 ? -1 : 1;
  return m > size[at - stride - slope]! && m > size[at + stride + slope]!;
}
