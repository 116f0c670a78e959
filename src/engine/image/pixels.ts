import { malformed, shown } from '../check.js';
import type { Tensor } from '../networks.js';

/** A picture: 8-bit RGB without alpha. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 3 bytes per pixel, row by row from the top. */
  readonly data: Uint8Array;
}

/**
 * The decoder's output, [b, 3, H, W] about -1..1, as pictures: clamp((x + 1) / 2, 0, 1) * 255 in float32, cut off rather
 * than rounded, as the reference scripts do (diffusers rounds).
 */
export function pixelsOf({ data, shape }: Tensor): Pixels[] {
  const [count, , height, width] = shape as [number, number, number, number];
  const plane = height * width;
  return Array.from({ length: count }, (_, row) => {
    const bytes = new Uint8Array(plane * 3);
    for (let channel = 0; channel < 3; channel++) {
      const from = (row * 3 + channel) * plane;
      for (let i = 0; i < plane; i++) bytes[i * 3 + channel] = byteOf(Math.fround(data[from + i]! + 1) / 2);
    }
    return { width, height, data: bytes };
  });
}

/** The decoder's output in 0..1, clamped and not rounded: diffusers' VaeImageProcessor.denormalize. */
export function toUnit({ data, shape }: Tensor): Tensor {
  return { data: data.map((value) => Math.min(Math.max(value / 2 + 0.5, 0), 1)), shape };
}

/** Intensity 0..1 (clamped; not a number is black) to 0..255, cut off. */
export function byteOf(intensity: number): number {
  return Math.trunc(Math.fround(Math.min(Math.max(intensity, 0), 1) * 255));
}

/** Pictures of one size as [count, 3, H, W] in -1..1: 2 * (byte / 255) - 1 in float32, the encoder's input. */
export function tensorOf(...pictures: readonly Pixels[]): Tensor {
  return planes(pictures, SIGNED);
}

/** A picture as [1, 3, H, W] in 0..1. */
export function unitTensorOf(picture: Pixels): Tensor {
  return planes([picture], UNIT);
}

/** @param values the number of each byte. */
function planes(pictures: readonly Pixels[], values: Float32Array): Tensor {
  const { width, height } = sameSize(pictures);
  const plane = height * width;
  const data = new Float32Array(pictures.length * 3 * plane);
  pictures.forEach((picture, row) => {
    for (let channel = 0; channel < 3; channel++) {
      const to = (row * 3 + channel) * plane;
      for (let i = 0; i < plane; i++) data[to + i] = values[picture.data[i * 3 + channel]!]!;
    }
  });
  return { data, shape: [pictures.length, 3, height, width] };
}

const UNIT = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
const SIGNED = UNIT.map((intensity) => 2 * intensity - 1);

/** @throws RangeError if there is no picture, or if they differ in size. */
export function sameSize(pictures: readonly Pixels[]): { width: number; height: number } {
  const [first] = pictures;
  if (!first) throw new RangeError('No pictures.');
  const { width, height } = first;
  const odd = pictures.find((picture) => picture.width !== width || picture.height !== height);
  if (odd) throw new RangeError(`Pictures differ in size: ${width}x${height} and ${odd.width}x${odd.height}.`);
  return { width, height };
}

/**
 * @param name what the message calls the picture.
 * @throws RequestError unless `data` has 3 bytes per pixel: an alpha channel or a wrong side would paint garbage.
 */
export function checkPixels(name: string, pixels: Pixels): void {
  if (Object(pixels) !== pixels) throw malformed(name, `takes { width, height, data }, got ${shown(pixels)}.`);
  const { width, height, data } = pixels;
  const whole = (side: unknown) => Number.isInteger(side) && (side as number) > 0;
  if (!whole(width) || !whole(height) || !(data instanceof Uint8Array)) {
    const got = `${shown(width)}, ${shown(height)} and ${shown(data)}`;
    throw malformed(name, `takes width and height in whole pixels and data in a Uint8Array, got ${got}.`);
  }
  if (data.length === 3 * width * height) return;
  const channels = data.length / (width * height);
  const remedy =
    channels === 4 || channels === 2
      ? `It seems to have an alpha channel: take it off, with sharp's removeAlpha() before raw().`
      : channels === 1
        ? `It seems to be grey: make it RGB, with sharp's toColourspace('srgb') before raw().`
        : 'Give width and height as they are; loadPicture opens files as they should be.';
  throw malformed(
    name,
    `is ${width}x${height}, which takes ${3 * width * height} bytes of RGB, but its data has ${data.length}. ${remedy}`,
  );
}
