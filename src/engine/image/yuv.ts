import type { Pixels } from './pixels.js';

/** One value per pixel and plane. U is not clamped when it is stored: see the watermark. */
export interface Yuv {
  y: Uint8ClampedArray;
  u: Uint8Array;
  v: Uint8ClampedArray;
}

const clampByte = (value: number) => Math.min(Math.max(value, 0), 255);

/** OpenCV's BGR2YUV for bytes: 14-bit fixed point. */
export function toYuv({ width, height, data }: Pixels): Yuv {
  const count = width * height;
  const planes = { y: new Uint8ClampedArray(count), u: new Uint8Array(count), v: new Uint8ClampedArray(count) };
  for (let i = 0; i < count; i++) {
    const [r, g, b] = [data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!];
    const y = (1868 * b + 9617 * g + 4899 * r + 8192) >> 14;
    planes.y[i] = y;
    planes.u[i] = clampByte(((b - y) * 8061 + (128 << 14) + 8192) >> 14);
    planes.v[i] = ((r - y) * 14369 + (128 << 14) + 8192) >> 14;
  }
  return planes;
}

/** OpenCV's YUV2BGR for bytes. */
export function toRgb(planes: Yuv, { width, height }: Pick<Pixels, 'width' | 'height'>): Pixels {
  const data = new Uint8ClampedArray(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [y, u, v] = [planes.y[i]!, planes.u[i]! - 128, planes.v[i]! - 128];
    data[3 * i] = y + ((18678 * v + 8192) >> 14);
    data[3 * i + 1] = y + ((-6472 * u - 9519 * v + 8192) >> 14);
    data[3 * i + 2] = y + ((33292 * u + 8192) >> 14);
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}
