import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { autoencoderShapes } from '../src/engine/checkpoint/layout/autoencoder.js';
import { textShapes } from '../src/engine/checkpoint/layout/text.js';
import { tinyAutoencoderShapes } from '../src/engine/checkpoint/layout/tiny-autoencoder.js';
import { unetShapes } from '../src/engine/checkpoint/layout/unet.js';
import type { AutoencoderConfig, TextEncoderConfig, UNetConfig } from '../src/engine/model.js';
import { packageRoot } from '../src/package-root.js';
import { writeRandomControlNet } from './random-controlnet.js';
import { type ModelShapes, writeSafetensors } from './random-model.js';

/**
 * Writes a whole model in diffusers' layout, float32, at random: 4.3 GB at SD v1's size. All programs that are compared read
 * it as it is.
 *
 * @returns a TAESD and a ControlNet as well, at random too, in folders of their own.
 */
export function writeRandomFolder(
  folder: string,
  config: ModelShapes,
): { model: string; taesd: string; controlnet: string } {
  const [model, taesd] = [join(folder, 'model'), join(folder, 'taesd')];
  const { unet, autoencoder, text } = config;
  const tiny: AutoencoderConfig = { ...autoencoder, tiny: true, blockOutChannels: [64, 64, 64, 64] };
  const json = (path: string, value: object) => writeFileSync(path, JSON.stringify(value, null, 2));
  for (const part of ['unet', 'vae', 'text_encoder', 'tokenizer', 'scheduler']) {
    mkdirSync(join(model, part), { recursive: true });
  }
  mkdirSync(taesd, { recursive: true });
  json(join(model, 'model_index.json'), INDEX);
  json(join(model, 'scheduler/scheduler_config.json'), SCHEDULER);
  json(join(model, 'unet/config.json'), unetJson(unet));
  json(join(model, 'vae/config.json'), autoencoderJson(autoencoder));
  json(join(model, 'text_encoder/config.json'), textJson(text));
  json(join(taesd, 'config.json'), { _class_name: 'AutoencoderTiny' });
  const clip = join(packageRoot, 'models/clip-tokenizer/merges.txt');
  copyFileSync(clip, join(model, 'tokenizer/merges.txt'));
  writeSafetensors(join(model, 'unet/diffusion_pytorch_model.safetensors'), unetShapes(unet));
  writeSafetensors(join(model, 'vae/diffusion_pytorch_model.safetensors'), autoencoderShapes(autoencoder));
  writeSafetensors(join(model, 'text_encoder/model.safetensors'), textShapes(text));
  writeSafetensors(join(taesd, 'diffusion_pytorch_model.safetensors'), tinyAutoencoderShapes(tiny));
  return { model, taesd, controlnet: writeRandomControlNet(join(folder, 'controlnet'), unet) };
}

const INDEX = {
  _class_name: 'StableDiffusionPipeline',
  requires_safety_checker: false,
  safety_checker: [null, null],
  scheduler: ['diffusers', 'PNDMScheduler'],
  text_encoder: ['transformers', 'CLIPTextModel'],
  tokenizer: ['transformers', 'CLIPTokenizer'],
  unet: ['diffusers', 'UNet2DConditionModel'],
  vae: ['diffusers', 'AutoencoderKL'],
};

const SCHEDULER = {
  _class_name: 'PNDMScheduler',
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  num_train_timesteps: 1000,
  skip_prk_steps: true,
  steps_offset: 1,
};

function unetJson(config: UNetConfig): object {
  const down = config.attention.map((has) => (has ? 'CrossAttnDownBlock2D' : 'DownBlock2D'));
  return {
    _class_name: 'UNet2DConditionModel',
    sample_size: 64,
    in_channels: config.inChannels,
    out_channels: config.outChannels,
    block_out_channels: config.blockOutChannels,
    down_block_types: down,
    up_block_types: down.toReversed().map((type) => type.replace('Down', 'Up')),
    layers_per_block: config.layersPerBlock,
    cross_attention_dim: config.crossAttentionDim,
    attention_head_dim: config.heads[0],
    norm_num_groups: config.normGroups,
    norm_eps: config.normEps,
  };
}

function autoencoderJson(config: AutoencoderConfig): object {
  return {
    _class_name: 'AutoencoderKL',
    in_channels: config.inChannels,
    out_channels: config.outChannels,
    latent_channels: config.latentChannels,
    block_out_channels: config.blockOutChannels,
    down_block_types: config.blockOutChannels.map(() => 'DownEncoderBlock2D'),
    up_block_types: config.blockOutChannels.map(() => 'UpDecoderBlock2D'),
    layers_per_block: config.layersPerBlock,
    norm_num_groups: config.normGroups,
    scaling_factor: config.scalingFactor,
    sample_size: 512,
  };
}

function textJson(config: TextEncoderConfig): object {
  return {
    architectures: ['CLIPTextModel'],
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    vocab_size: config.vocabSize,
    max_position_embeddings: config.maxPositions,
    hidden_act: config.activation,
    layer_norm_eps: config.layerNormEps,
  };
}
