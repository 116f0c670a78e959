import type { Tensor } from '../networks.js';
import { byteOf, type Pixels } from './pixels.js';

/** Latents to colours, roughly: one row of red, green and blue (-1..1) a latent channel, then one of constants. */
export type PreviewMatrix = readonly (readonly [red: number, green: number, blue: number])[];

/**
 * For SD v1's autoencoder, found by Kevin Turner by comparing latents with decoded pictures
 * (https://discuss.huggingface.co/t/decoding-latents-to-rgb-without-upscaling/23204/2).
 */
export const SD1_PREVIEW: PreviewMatrix = [
  [0.298, 0.207, 0.208],
  [0.187, 0.286, 0.173],
  [-0.158, 0.189, 0.264],
  [-0.184, -0.271, -0.473],
  [0, 0, 0],
];

/**
 * A picture with one pixel per latent, in no time: good enough to see what is being painted.
 * @param latents [channels, height, width] in the sampler's scale (for SD v1 the encoder's times 0.18215)
 */
export function preview(latents: Float32Array, width: number, height: number, matrix: PreviewMatrix): Pixels {
  const plane = width * height;
  const constants = matrix.at(-1)!;
  const data = new Uint8Array(plane * 3);
  for (let i = 0; i < plane; i++) {
    for (let colour = 0; colour < 3; colour++) {
      let value = constants[colour]!;
      for (let channel = 0; channel < matrix.length - 1; channel++) {
        value += matrix[channel]![colour]! * latents[channel * plane + i]!;
      }
      data[3 * i + colour] = byteOf((value + 1) / 2);
    }
  }
  return { width, height, data };
}

/**
 * The matrix that comes closest, by least squares, for any autoencoder: from latents [b, channels, h, w] in the sampler's
 * scale and the pictures that they decode to, whose sides are multiples of w and h.
 */
export function fitPreview(latents: Tensor, pictures: readonly Pixels[]): PreviewMatrix {
  const [, channels, height, width] = latents.shape as [number, number, number, number];
  const plane = width * height;
  const unknowns = channels + 1;
  // Normal equations A x = B, with a little ridge so that a channel that never changes counts as nothing.
  const a = Array.from({ length: unknowns }, (_, i) => new Float64Array(unknowns).fill(1e-3, i, i + 1));
  const b = Array.from({ length: unknowns }, () => new Float64Array(3));
  const sample = new Float64Array(unknowns).fill(1);
  pictures.forEach((picture, row) => {
    const colours = shrink(picture, width, height);
    for (let i = 0; i < plane; i++) {
      for (let channel = 0; channel < channels; channel++) {
        sample[channel] = latents.data[(row * channels + channel) * plane + i]!;
      }
      for (let k = 0; k < unknowns; k++) {
        for (let l = 0; l < unknowns; l++) a[k]![l]! += sample[k]! * sample[l]!;
        for (let colour = 0; colour < 3; colour++) b[k]![colour]! += sample[k]! * colours[3 * i + colour]!;
      }
    }
  });
  return solve(a, b) as unknown as PreviewMatrix;
}

/** Means of squares of pixels, in -1..1. */
function shrink(picture: Pixels, width: number, height: number): Float64Array {
  const [across, down] = [picture.width / width, picture.height / height];
  const means = new Float64Array(width * height * 3);
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const to = (Math.floor(y / down) * width + Math.floor(x / across)) * 3;
      const from = (y * picture.width + x) * 3;
      for (let colour = 0; colour < 3; colour++) {
        means[to + colour]! += (picture.data[from + colour]! / 127.5 - 1) / (across * down);
      }
    }
  }
  return means;
}

/** Gauss and Jordan's elimination, in place; a is symmetric and positive definite, so no pivoting is needed. */
function solve(a: Float64Array[], b: Float64Array[]): number[][] {
  for (let pivot = 0; pivot < a.length; pivot++) {
    for (let row = 0; row < a.length; row++) {
      if (row === pivot) continue;
      const factor = a[row]![pivot]! / a[pivot]![pivot]!;
      for (let k = pivot; k < a.length; k++) a[row]![k]! -= factor * a[pivot]![k]!;
      for (let k = 0; k < b[row]!.length; k++) b[row]![k]! -= factor * b[pivot]![k]!;
    }
  }
  return b.map((row, k) => Array.from(row, (value) => value / a[k]![k]!));
}
