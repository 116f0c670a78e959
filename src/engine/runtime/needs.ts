import type { Weights } from '../checkpoint/tensor.js';
import type { AutoencoderConfig, UNetConfig } from '../model.js';
import { elements } from '../shape.js';
import type { Need } from './memory.js';

/*
 * What networks take on a processor, fitted to anonymous memory at SD v1's size with pictures of 256x256 to 1024x1024
 * (docs/performance.md). What a run takes beyond its weights grows with its largest features.
 */

/** Bytes of float32. */
const FLOAT = 4;

/**
 * For each way to run a UNet: bytes that it holds for each weight, bytes that a run takes for each weight, and how many
 * times the outermost features.
 */
const UNET = {
  packed: { held: 3.9, run: 0, features: 22 },
  mapped: { held: 0.1, run: 0.3, features: 32 },
  int8: { held: 1.25, run: 0.3, features: 20 },
};

/** The same for an autoencoder's decoder. Its largest features have the next width, in the size of the picture. */
const DECODER = {
  whole: { held: 5, features: 3.5 },
  bands: { held: 2, features: 2.6 },
  int8: { held: 3, features: 1.2 },
};

/** And for its encoder, whose largest features are the outermost. */
const ENCODER = {
  whole: { held: 8, features: 3.3 },
  bands: { held: 2, features: 3.1 },
  int8: { held: 4, features: 2.1 },
};

/** @param shape of latents, [rows, channels, h, w]. */
export function unetNeed(config: UNetConfig, weights: Weights, way: keyof typeof UNET, shape: readonly number[]): Need {
  const { held, run, features } = UNET[way];
  const count = counted(weights);
  const [rows, , height, width] = shape as [number, number, number, number];
  return {
    held: held * count + (way === 'mapped' ? cast(weights) : 0),
    more: run * count + features * rows * height * width * config.blockOutChannels[0]! * FLOAT,
  };
}

/** @param shape of latents, [rows, channels, h, w]. */
export function decoderNeed(
  config: AutoencoderConfig,
  weights: Weights,
  way: keyof typeof DECODER,
  [rows, , height, width]: readonly number[],
): Need {
  const { held, features } = DECODER[way];
  const [outermost, next = outermost] = config.blockOutChannels;
  const places = rows! * height! * width! * 4 ** (config.blockOutChannels.length - 1);
  return {
    held: held * counted(weights, 'decoder.') + (way === 'bands' ? cast(weights, 'decoder.') : 0),
    more: features * places * next! * FLOAT,
  };
}

/** @param shape of pictures, [rows, 3, H, W]. */
export function encoderNeed(
  config: AutoencoderConfig,
  weights: Weights,
  way: keyof typeof ENCODER,
  [rows, , height, width]: readonly number[],
): Need {
  const { held, features } = ENCODER[way];
  return {
    held: held * counted(weights, 'encoder.') + (way === 'bands' ? cast(weights, 'encoder.') : 0),
    more: features * rows! * height! * width! * config.blockOutChannels[0]! * FLOAT,
  };
}

/** Bytes of weights that are stored in another type: those are cast, and the copies are kept. */
function cast(weights: Weights, prefix = ''): number {
  return FLOAT * counted(new Map([...weights].filter(([, { dtype }]) => dtype !== 'F32')), prefix);
}

function counted(weights: Weights, prefix = ''): number {
  let count = 0;
  for (const [name, { shape }] of weights) if (name.startsWith(prefix)) count += elements(shape);
  return count;
}
