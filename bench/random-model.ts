import { closeSync, openSync, writeSync } from 'node:fs';
import { autoencoderShapes, isEncoderTensor } from '../src/engine/checkpoint/layout/autoencoder.js';
import type { Shapes } from '../src/engine/checkpoint/layout/shapes.js';
import { unetShapes } from '../src/engine/checkpoint/layout/unet.js';
import type { StoredTensor, Weights } from '../src/engine/checkpoint/tensor.js';
import type { AutoencoderConfig, TextEncoderConfig, UNetConfig } from '../src/engine/model.js';

export interface ModelShapes {
  text: TextEncoderConfig;
  unet: UNetConfig;
  autoencoder: AutoencoderConfig;
}

/** SD v1's networks (CompVis/stable-diffusion, configs/stable-diffusion/v1-inference.yaml). */
export const SD1: ModelShapes = {
  text: {
    hiddenSize: 768,
    intermediateSize: 3072,
    layers: 12,
    heads: 12,
    vocabSize: 49408,
    maxPositions: 77,
    activation: 'quick_gelu',
    layerNormEps: 1e-5,
  },
  unet: {
    inChannels: 4,
    outChannels: 4,
    blockOutChannels: [320, 640, 1280, 1280],
    layersPerBlock: 2,
    attention: [true, true, true, false],
    heads: [8, 8, 8, 8],
    transformerLayers: 1,
    crossAttentionDim: 768,
    normGroups: 32,
    normEps: 1e-5,
    linearProjection: false,
  },
  autoencoder: {
    inChannels: 3,
    outChannels: 3,
    latentChannels: 4,
    blockOutChannels: [128, 256, 512, 512],
    layersPerBlock: 2,
    normGroups: 32,
    scalingFactor: 0.18215,
    midAttention: true,
  },
};

/** The same networks, a tenth as wide: for a look at whether all of it runs. */
export const SMALL: ModelShapes = {
  text: { ...SD1.text, hiddenSize: 64, intermediateSize: 128, layers: 2, heads: 2 },
  unet: { ...SD1.unet, blockOutChannels: [32, 64, 64, 64], heads: [2, 2, 2, 2], crossAttentionDim: 64 },
  autoencoder: { ...SD1.autoencoder, blockOutChannels: [32, 32, 64, 64] },
};

/** @param file gets float16 weights at random: 1.8 GB at SD v1's size. */
export function writeRandomModel(file: string, config: ModelShapes): { unet: Weights; autoencoder: Weights } {
  const handle = openSync(file, 'w');
  const unet = unetShapes(config.unet);
  const decoder = new Map([...autoencoderShapes(config.autoencoder)].filter(([name]) => !isEncoderTensor(name)));
  const end = layOut(unet, 'F16', file, 0);
  const rest = layOut(decoder, 'F16', file, end.size);
  writeValues(handle, [...end.weights, ...rest.weights]);
  closeSync(handle);
  return { unet: end.weights, autoencoder: rest.weights };
}

/** Float32. */
export function writeSafetensors(file: string, shapes: Shapes): void {
  const { weights } = layOut(shapes, 'F32', file, 0);
  const header = JSON.stringify(
    Object.fromEntries(
      [...weights].map(([name, { dtype, shape, offset }]) => {
        return [name, { dtype, shape, data_offsets: [offset, offset + 4 * sizeOf(shape)] }];
      }),
    ),
  );
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const handle = openSync(file, 'w');
  writeSync(handle, length);
  writeSync(handle, padded);
  writeValues(handle, weights);
  closeSync(handle);
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** One after the other from `start` on. */
function layOut(shapes: Shapes, dtype: 'F16' | 'F32', file: string, start: number): { weights: Weights; size: number } {
  const weights = new Map<string, StoredTensor>();
  let offset = start;
  for (const [name, shape] of shapes) {
    weights.set(name, { dtype, shape, file, offset });
    offset += (dtype === 'F16' ? 2 : 4) * sizeOf(shape);
  }
  return { weights, size: offset };
}

/** Bits of the mantissa, of the exponent's bias, and of the sign. */
const FORMATS = {
  F16: { mantissa: 10, bias: 15, sign: 15, Bits: Uint16Array },
  F32: { mantissa: 23, bias: 127, sign: 31, Bits: Uint32Array },
} as const;

/** About as large as training starts them, so that activations stay near 1: norms 1, biases 0. */
function writeValues(handle: number, weights: Iterable<readonly [string, StoredTensor]>): void {
  let state = 1;
  for (const [name, { dtype, shape }] of weights) {
    const { mantissa, bias, sign, Bits } = FORMATS[dtype as 'F16' | 'F32'];
    const count = sizeOf(shape);
    const bits = new Bits(count);
    if (/norm.*\.weight$/.test(name)) bits.fill(bias << mantissa);
    else if (shape.length > 1) {
      // Of both signs, with the exponent of 1 / sqrt(inputs) and a mantissa at random.
      const exponent = Math.floor(bias - Math.log2(count / shape[0]!) / 2) << mantissa;
      const mask = (1 << mantissa) - 1;
      for (let i = 0; i < count; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        bits[i] = ((state >>> 31) << sign) | exponent | ((state >>> 8) & mask);
      }
    }
    for (let done = 0; done < bits.byteLength; ) done += writeSync(handle, new Uint8Array(bits.buffer, done));
  }
}
