import { closeSync, openSync, writeSync } from 'node:fs';
import type { StoredTensor, Weights } from '../src/engine/checkpoint/tensor.js';
import type { AutoencoderConfig, UNetConfig } from '../src/engine/model.js';

/** SD v1's UNet and decoder (CompVis/stable-diffusion, configs/stable-diffusion/v1-inference.yaml). */
export const SD1: { unet: UNetConfig; autoencoder: AutoencoderConfig } = {
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
export const SMALL: typeof SD1 = {
  unet: { ...SD1.unet, blockOutChannels: [32, 64, 64, 64], heads: [2, 2, 2, 2], crossAttentionDim: 64 },
  autoencoder: { ...SD1.autoencoder, blockOutChannels: [32, 32, 64, 64] },
};

type Shapes = Map<string, readonly number[]>;

const layer = (shapes: Shapes, name: string, outputs: number, ...rest: number[]): void => {
  shapes.set(`${name}.weight`, [outputs, ...rest]).set(`${name}.bias`, [outputs]);
};

function resnet(shapes: Shapes, name: string, inputs: number, outputs: number, time?: number): void {
  layer(shapes, `${name}.norm1`, inputs);
  layer(shapes, `${name}.conv1`, outputs, inputs, 3, 3);
  if (time) layer(shapes, `${name}.time_emb_proj`, outputs, time);
  layer(shapes, `${name}.norm2`, outputs);
  layer(shapes, `${name}.conv2`, outputs, outputs, 3, 3);
  if (inputs !== outputs) layer(shapes, `${name}.conv_shortcut`, outputs, inputs, 1, 1);
}

function transformer(shapes: Shapes, name: string, width: number, context: number): void {
  layer(shapes, `${name}.norm`, width);
  layer(shapes, `${name}.proj_in`, width, width, 1, 1);
  const block = `${name}.transformer_blocks.0`;
  for (const [attn, from] of [['attn1', width] as const, ['attn2', context] as const]) {
    shapes.set(`${block}.${attn}.to_q.weight`, [width, width]);
    for (const part of ['to_k', 'to_v']) shapes.set(`${block}.${attn}.${part}.weight`, [width, from]);
    layer(shapes, `${block}.${attn}.to_out.0`, width, width);
  }
  for (const norm of ['norm1', 'norm2', 'norm3']) layer(shapes, `${block}.${norm}`, width);
  layer(shapes, `${block}.ff.net.0.proj`, 8 * width, width);
  layer(shapes, `${block}.ff.net.2`, width, 4 * width);
  layer(shapes, `${name}.proj_out`, width, width, 1, 1);
}

function unetShapes({ blockOutChannels: widths, attention, inChannels, outChannels, ...config }: UNetConfig): Shapes {
  const shapes: Shapes = new Map();
  const [first, last, context] = [widths[0]!, widths.length - 1, config.crossAttentionDim];
  const time = 4 * first;
  layer(shapes, 'time_embedding.linear_1', time, first);
  layer(shapes, 'time_embedding.linear_2', time, time);
  layer(shapes, 'conv_in', first, inChannels, 3, 3);
  const skips = [first];
  for (const [level, width] of widths.entries()) {
    for (let j = 0; j < config.layersPerBlock; j++) {
      resnet(shapes, `down_blocks.${level}.resnets.${j}`, skips.at(-1)!, width, time);
      if (attention[level]) transformer(shapes, `down_blocks.${level}.attentions.${j}`, width, context);
      skips.push(width);
    }
    if (level === last) continue;
    layer(shapes, `down_blocks.${level}.downsamplers.0.conv`, width, width, 3, 3);
    skips.push(width);
  }
  let width = widths[last]!;
  for (const j of [0, 1]) resnet(shapes, `mid_block.resnets.${j}`, width, width, time);
  transformer(shapes, 'mid_block.attentions.0', width, context);
  for (const [i, outputs] of [...widths].reverse().entries()) {
    for (let j = 0; j <= config.layersPerBlock; j++) {
      resnet(shapes, `up_blocks.${i}.resnets.${j}`, width + skips.pop()!, outputs, time);
      width = outputs;
      if (attention[last - i]) transformer(shapes, `up_blocks.${i}.attentions.${j}`, width, context);
    }
    if (i < last) layer(shapes, `up_blocks.${i}.upsamplers.0.conv`, width, width, 3, 3);
  }
  layer(shapes, 'conv_norm_out', width);
  layer(shapes, 'conv_out', outChannels, width, 3, 3);
  return shapes;
}

function decoderShapes(config: AutoencoderConfig): Shapes {
  const shapes: Shapes = new Map();
  const widths = [...config.blockOutChannels].reverse();
  let width = widths[0]!;
  layer(shapes, 'post_quant_conv', config.latentChannels, config.latentChannels, 1, 1);
  layer(shapes, 'decoder.conv_in', width, config.latentChannels, 3, 3);
  for (const j of [0, 1]) resnet(shapes, `decoder.mid_block.resnets.${j}`, width, width);
  layer(shapes, 'decoder.mid_block.attentions.0.group_norm', width);
  for (const part of ['to_q', 'to_k', 'to_v', 'to_out.0']) {
    layer(shapes, `decoder.mid_block.attentions.0.${part}`, width, width);
  }
  for (const [i, outputs] of widths.entries()) {
    for (let j = 0; j <= config.layersPerBlock; j++) {
      resnet(shapes, `decoder.up_blocks.${i}.resnets.${j}`, width, outputs);
      width = outputs;
    }
    if (i < widths.length - 1) layer(shapes, `decoder.up_blocks.${i}.upsamplers.0.conv`, width, width, 3, 3);
  }
  layer(shapes, 'decoder.conv_norm_out', width);
  layer(shapes, 'decoder.conv_out', config.outChannels, width, 3, 3);
  return shapes;
}

/**
 * Writes float16 weights at random, about as large as training starts them, so that activations stay near 1.
 *
 * @param file gets 1.8 GB at SD v1's size.
 */
export function writeRandomModel(file: string, config: typeof SD1): { unet: Weights; autoencoder: Weights } {
  const handle = openSync(file, 'w');
  let offset = 0;
  let state = 1;
  const write = (shape: readonly number[], norm: boolean): StoredTensor => {
    const count = shape.reduce((a, b) => a * b);
    const bytes = new Uint16Array(count);
    if (norm) bytes.fill(ONE);
    else if (shape.length > 1) {
      // Of both signs, with the exponent of 1 / sqrt(inputs) and ten bits at random.
      const exponent = Math.floor(15 - Math.log2(count / shape[0]!) / 2) << 10;
      for (let i = 0; i < count; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        bytes[i] = ((state >>> 16) & 0x8000) | exponent | ((state >>> 12) & 0x3ff);
      }
    }
    for (let done = 0; done < 2 * count; ) done += writeSync(handle, new Uint8Array(bytes.buffer, done));
    const tensor = { dtype: 'F16', shape, file, offset } as const;
    offset += 2 * count;
    return tensor;
  };
  const all = (shapes: Shapes): Weights =>
    new Map([...shapes].map(([name, shape]) => [name, write(shape, /norm.*\.weight$/.test(name))]));
  const weights = { unet: all(unetShapes(config.unet)), autoencoder: all(decoderShapes(config.autoencoder)) };
  closeSync(handle);
  return weights;
}

/** 1 as float16. */
const ONE = 0x3c00;
