import type { Tensor } from '../networks.js';
import { TorchGenerator } from '../random/torch.js';
import type { Pixels } from './pixels.js';
import type { PreviewMatrix } from './preview.js';

const PROBES = 4;
const SIDE = 16;
/** Latents in a row that are alike. */
const SQUARE = 4;

/**
 * Latents to decode for {@link fitPreview}: squares of random colours, always the same. (Noise without squares decodes to mud: on
 * the embedded model the fit from squares is as good as one from its own pictures.)
 * @returns [4, channels, 16, 16] in the sampler's scale
 */
export function previewProbes(channels: number): Tensor {
  const squares = SIDE / SQUARE;
  const values = new TorchGenerator(0).randn(PROBES * channels * squares * squares);
  const data = Float32Array.from({ length: PROBES * channels * SIDE * SIDE }, (_, i) => {
    const x = Math.floor((i % SIDE) / SQUARE);
    const y = Math.floor(i / (SIDE * SQUARE));
    return values[y * squares + x]!;
  });
  return { data, shape: [PROBES, channels, SIDE, SIDE] };
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
