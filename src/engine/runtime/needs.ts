import type { StoredTensor, Weights } from '../checkpoint/tensor.js';
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

/** What a network takes for an input of a shape. */
export type NeedFor = (shape: readonly number[]) => Need;

/** @returns for the shape of latents, [rows, channels, h, w]. */
export function unetNeed(config: UNetConfig, weights: Weights, way: keyof typeof UNET): NeedFor {
  const need = growing(weights, '', UNET[way], way === 'mapped');
  return ([rows, , height, width]) => need(rows! * height! * width! * config.blockOutChannels[0]!);
}

/** @returns for the shape of latents, [rows, channels, h, w]. */
export function decoderNeed(config: AutoencoderConfig, weights: Weights, way: keyof typeof DECODER): NeedFor {
  const need = growing(weights, 'decoder.', DECODER[way], way === 'bands');
  const [outermost, next = outermost] = config.blockOutChannels;
  const places = 4 ** (config.blockOutChannels.length - 1);
  return ([rows, , height, width]) => need(rows! * height! * width! * places * next!);
}

/** @returns for the shape of pictures, [rows, 3, H, W]. */
export function encoderNeed(config: AutoencoderConfig, weights: Weights, way: keyof typeof ENCODER): NeedFor {
  const need = growing(weights, 'encoder.', ENCODER[way], way === 'bands');
  return ([rows, , height, width]) => need(rows! * height! * width! * config.blockOutChannels[0]!);
}

/** What the weights of a UNet, or of a network like it, take. */
export function heldBytes(weights: Weights, way: keyof typeof UNET): number {
  return UNET[way].held * counted([...weights.values()]);
}

/** @param casts whether weights stay mapped: those stored in another type are then cast, and the copies are kept. */
function growing(
  weights: Weights,
  prefix: string,
  { held, run = 0, features }: { held: number; run?: number; features: number },
  casts: boolean,
): (largest: number) => Need {
  const own = [...weights].filter(([name]) => name.startsWith(prefix)).map(([, tensor]) => tensor);
  const count = counted(own);
  const kept = held * count + (casts ? FLOAT * counted(own.filter(({ dtype }) => dtype !== 'F32')) : 0);
  return (largest) => ({ held: kept, more: run * count + features * largest * FLOAT });
}

function counted(tensors: readonly StoredTensor[]): number {
  return tensors.reduce((sum, { shape }) => sum + elements(shape), 0);
}
