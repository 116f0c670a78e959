import { z } from 'zod';
import { CheckpointError } from '../errors.js';
import type { AutoencoderConfig, TextEncoderConfig, UNetConfig } from '../model.js';

/**
 * The configuration files of a diffusers folder in our terms. A key that is missing has the default of the library's
 * constructor (diffusers 0.30, transformers 4.46): folders published in 2022 lack later keys.
 */
const count = z.int().min(1).max(1_000_000);
const widths = z.array(count).min(1).max(8);

export const unetJson = z.looseObject({
  sample_size: z.union([count, z.array(count)]).nullish(),
  in_channels: count.default(4),
  out_channels: count.default(4),
  down_block_types: z
    .array(z.string())
    .default(['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D']),
  up_block_types: z
    .array(z.string())
    .default(['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D']),
  block_out_channels: widths.default([320, 640, 1280, 1280]),
  layers_per_block: count.default(2),
  mid_block_type: z.string().nullish(),
  norm_num_groups: count.default(32),
  norm_eps: z.number().positive().default(1e-5),
  cross_attention_dim: count.default(1280),
  transformer_layers_per_block: z.union([count, widths]).default(1),
  attention_head_dim: z.union([count, widths]).default(8),
  num_attention_heads: z.union([count, widths]).nullish(),
  use_linear_projection: z.boolean().default(false),
  time_cond_proj_dim: count.nullish(),
});

/** Features that our graphs lack, and the values that mean "not used". */
const UNET_REFUSED: Record<string, readonly unknown[]> = {
  addition_embed_type: [null],
  class_embed_type: [null],
  encoder_hid_dim: [null],
  encoder_hid_dim_type: [null],
  cross_attention_norm: [null],
  mid_block_type: ['UNetMidBlock2DCrossAttn', null],
  act_fn: ['silu', 'swish'],
  resnet_time_scale_shift: ['default'],
  time_embedding_type: ['positional'],
  flip_sin_to_cos: [true],
  freq_shift: [0],
  conv_in_kernel: [3],
  conv_out_kernel: [3],
  dual_cross_attention: [false],
  only_cross_attention: [false],
  center_input_sample: [false],
  downsample_padding: [1],
  mid_block_scale_factor: [1],
};

export function unetConfig(file: string, json: z.infer<typeof unetJson>): UNetConfig {
  refuse(file, json, UNET_REFUSED);
  const levels = json.block_out_channels.length;
  const attention = json.down_block_types.map((type) => type === 'CrossAttnDownBlock2D');
  const up = [...attention].reverse().map((has) => (has ? 'CrossAttnUpBlock2D' : 'UpBlock2D'));
  if (
    json.down_block_types.some((type) => type !== 'CrossAttnDownBlock2D' && type !== 'DownBlock2D') ||
    up.join() !== json.up_block_types.join() ||
    attention.length !== levels
  ) {
    throw unsupported(file, `the block types ${json.down_block_types.join(', ')} / ${json.up_block_types.join(', ')}`);
  }
  // diffusers calls the number of heads attention_head_dim; a folder that says num_attention_heads means it.
  const heads = json.num_attention_heads ?? json.attention_head_dim;
  const layers = json.transformer_layers_per_block;
  if (Array.isArray(layers) && new Set(layers).size > 1) throw unsupported(file, 'transformers of different depths');
  return {
    inChannels: json.in_channels,
    outChannels: json.out_channels,
    blockOutChannels: json.block_out_channels,
    layersPerBlock: json.layers_per_block,
    attention,
    heads: Array.isArray(heads) ? heads : Array<number>(levels).fill(heads),
    transformerLayers: Array.isArray(layers) ? layers[0]! : layers,
    crossAttentionDim: json.cross_attention_dim,
    normGroups: json.norm_num_groups,
    normEps: json.norm_eps,
    linearProjection: json.use_linear_projection,
    ...(json.mid_block_type === null && { midBlock: false as const }),
    ...(json.time_cond_proj_dim && { timeCondDim: json.time_cond_proj_dim }),
  };
}

export const autoencoderJson = z.looseObject({
  _class_name: z.string().optional(),
  in_channels: count.default(3),
  out_channels: count.default(3),
  latent_channels: count.default(4),
  block_out_channels: widths.default([64]),
  layers_per_block: count.default(1),
  norm_num_groups: count.default(32),
  scaling_factor: z.number().positive().optional(),
  mid_block_add_attention: z.boolean().default(true),
});

const AUTOENCODER_REFUSED: Record<string, readonly unknown[]> = {
  act_fn: ['silu', 'swish'],
  use_quant_conv: [true],
  use_post_quant_conv: [true],
  latents_mean: [null],
  latents_std: [null],
  shift_factor: [null, 0],
};

export function autoencoderConfig(file: string, json: z.infer<typeof autoencoderJson>): AutoencoderConfig {
  refuse(file, json, AUTOENCODER_REFUSED);
  return {
    inChannels: json.in_channels,
    outChannels: json.out_channels,
    latentChannels: json.latent_channels,
    blockOutChannels: json.block_out_channels,
    layersPerBlock: json.layers_per_block,
    normGroups: json.norm_num_groups,
    scalingFactor: json.scaling_factor ?? 0.18215,
    midAttention: json.mid_block_add_attention,
  };
}

export const textJson = z.looseObject({
  hidden_size: count.default(512),
  intermediate_size: count.default(2048),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(8),
  vocab_size: count.default(49408),
  max_position_embeddings: count.default(77),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});

export function textConfig(json: z.infer<typeof textJson>): TextEncoderConfig {
  return {
    hiddenSize: json.hidden_size,
    intermediateSize: json.intermediate_size,
    layers: json.num_hidden_layers,
    heads: json.num_attention_heads,
    vocabSize: json.vocab_size,
    maxPositions: json.max_position_embeddings,
    activation: json.hidden_act,
    layerNormEps: json.layer_norm_eps,
  };
}

export const schedulerJson = z.looseObject({
  _class_name: z.string().max(100).optional(),
  beta_start: z.number().positive().max(1).default(0.0001),
  beta_end: z.number().positive().max(1).default(0.02),
  beta_schedule: z.enum(['linear', 'scaled_linear', 'squaredcos_cap_v2']).default('linear'),
  num_train_timesteps: count.max(100_000).default(1000),
  trained_betas: z.array(z.number()).max(100_000).nullish(),
  prediction_type: z.enum(['epsilon', 'v_prediction']).default('epsilon'),
  rescale_betas_zero_snr: z.boolean().default(false),
  guidance_rescale: z.number().min(0).max(1).nullish(),
  timestep_spacing: z.string().nullish(),
});

function refuse(file: string, json: object, refused: Record<string, readonly unknown[]>): void {
  for (const [key, value] of Object.entries(json)) {
    const allowed = Object.hasOwn(refused, key) ? refused[key]! : undefined;
    if (allowed && value !== undefined && !allowed.includes(value)) {
      throw unsupported(file, `${key} ${JSON.stringify(value)}`);
    }
  }
}

function unsupported(file: string, what: string): CheckpointError {
  return new CheckpointError(`${file}: ${what} is not part of Stable Diffusion 1.x or 2.x. Choose another model.`);
}
