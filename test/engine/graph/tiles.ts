import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { buildDecoder, buildEncoder } from '../../../src/engine/graph/autoencoder.js';
import { FUSED, type GraphForm } from '../../../src/engine/graph/form.js';
import { buildUNet } from '../../../src/engine/graph/unet.js';
import type { Tensor } from '../../../src/engine/networks.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import type { Feeds } from '../../../src/engine/runtime/session.js';
import type { Tile } from '../../../src/engine/tile.js';
import { embedded, latentShape } from '../../embedded.js';
import { quantizeInMemory } from '../int8/in-memory.js';

/** What torch's circular convolutions give, made by test/oracle/tile.py: every 97th number. */
const GOLDENS = JSON.parse(readFileSync(new URL('../../fixtures/tile.json', import.meta.url), 'utf8'));
const EVERY = 97;

export const FORMS: Record<string, GraphForm> = {
  fused: FUSED,
  bands: { ...FUSED, bands: true },
  int8: { ...FUSED, int8: quantizeInMemory },
};

const noise = (seed: number, ...shape: number[]): Tensor => ({
  data: new TorchGenerator(seed).randn(shape.reduce((a, b) => a * b)),
  shape,
});
const [HEIGHT, WIDTH] = [128, 192];
const LATENTS = noise(1, ...latentShape(WIDTH, HEIGHT));
export const FEEDS: Record<string, Feeds> = {
  decoder: { latent_sample: LATENTS },
  encoder: { sample: noise(2, 1, 3, HEIGHT, WIDTH) },
  unet: {
    sample: LATENTS,
    timestep: { data: Float32Array.of(500), shape: [1] },
    encoder_hidden_states: noise(3, 1, 32, 192),
  },
};

/** `decoder`, `encoder` or `unet` of the model that ships. */
export async function build(network: string, form: GraphForm) {
  const { autoencoder, unet, weights } = embedded;
  if (network === 'unet') return buildUNet(unet, weights.unet, form);
  return (network === 'decoder' ? buildDecoder : buildEncoder)(autoencoder, weights.autoencoder, form);
}

/** Moved down and to the right; what leaves on one side comes back on the other. */
export function rolled({ data, shape }: Tensor, down: number, right: number): Tensor {
  const [height, width] = shape.slice(-2) as [number, number];
  const moved = data.map((_, i) => {
    const [y, x] = [Math.floor(i / width) % height, i % width];
    const from = ((y - down + height) % height) * width + ((x - right + width) % width);
    return data[i - (y * width + x) + from]!;
  });
  return { data: moved, shape };
}

/** Roots of the mean squares, of how far two results are apart. */
export function distance(got: Tensor, want: Tensor): number {
  expect(got.shape).toEqual(want.shape);
  return Math.sqrt(got.data.reduce((sum, value, i) => sum + (value - want.data[i]!) ** 2, 0) / got.data.length);
}

/** How far a network is from torch's, at the place where it is furthest. */
export function offBy(tile: Tile, network: string, { data }: Tensor): number {
  const want: number[] = GOLDENS[tile][network];
  return want.reduce((most, value, k) => Math.max(most, Math.abs(value - data[k * EVERY]!)), 0);
}
