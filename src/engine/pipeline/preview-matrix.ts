import { fitPreview, type PreviewMatrix, SD1_PREVIEW } from '../image/preview.js';
import type { Model } from '../model.js';
import { TorchGenerator } from '../random/torch.js';
import type { Engine } from './engine.js';
import { decode } from './latents.js';

const SD1_SCALING_FACTOR = 0.18215;

/** Whether the sampler's latents are those of SD v1's autoencoder, which TAESD has learnt from. */
export function hasSd1Latents(model: Model): boolean {
  const tiny = model.kind === 'weights' && model.autoencoder.tiny;
  return model.latentChannels === 4 && (tiny || model.scalingFactor === SD1_SCALING_FACTOR);
}

/** Sides of the fitted picture, in patches, and of a patch, in latents: large enough that its middle knows no neighbour. */
const PATCHES = 8;
const PATCH = 4;

const fits = new WeakMap<Engine, Promise<PreviewMatrix>>();

/**
 * How the engine's latents map to colours: SD v1's known numbers for its autoencoder, for any other a fit to what it
 * decodes one patchwork of random latents to. Once an engine.
 */
export async function previewMatrix(engine: Engine): Promise<PreviewMatrix> {
  if (hasSd1Latents(engine.model)) return SD1_PREVIEW;
  const fitted = fits.get(engine) ?? fitTo(engine);
  fits.set(engine, fitted);
  fitted.catch(() => fits.delete(engine));
  return fitted;
}

async function fitTo(engine: Engine): Promise<PreviewMatrix> {
  const { latentChannels } = engine.model;
  const side = PATCHES * PATCH;
  const colours = new TorchGenerator(0).randn(latentChannels * PATCHES * PATCHES);
  const data = new Float32Array(latentChannels * side * side);
  for (let i = 0; i < data.length; i++) {
    const [x, y, channel] = [i % side, Math.floor(i / side) % side, Math.floor(i / side / side)];
    data[i] = colours[(channel * PATCHES + Math.floor(y / PATCH)) * PATCHES + Math.floor(x / PATCH)]!;
  }
  const latents = { data, shape: [1, latentChannels, side, side] };
  return fitPreview(latents, await decode(engine, latents));
}
