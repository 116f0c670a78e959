import { z } from 'zod';
import { CheckpointError } from '../../errors.js';
import type { AutoencoderConfig, TextEncoderConfig, UNetConfig } from '../../model.js';
import { requireOwn } from '../../package-root.js';
import { readWhole } from '../../regular-file.js';
import { unreadable } from '../source.js';
import type { TextFinder } from './text.js';

/** What a YAML of the reference states about a model; what it leaves out is read from the shapes. */
export interface StatedConfig {
  useEma?: boolean;
  predictionType?: 'epsilon' | 'v_prediction';
  linearStart?: number;
  linearEnd?: number;
  timesteps?: number;
  zeroTerminalSnr?: boolean;
  imageSize?: number;
  encoder?: TextFinder['kind'];
  /** The text encoder's last layer is used, also where 2.x was trained on the one before. */
  lastLayer?: boolean;
  unet: Partial<UNetConfig>;
  autoencoder: Partial<AutoencoderConfig>;
  text: Partial<TextEncoderConfig>;
}

const count = z.int().min(1).max(1_000_000);
const counts = z.array(count).min(1).max(8);
const target = z.string().optional();

const unetParams = z.looseObject({
  in_channels: count.optional(),
  out_channels: count.optional(),
  model_channels: count.optional(),
  attention_resolutions: z.array(count).max(16).optional(),
  num_res_blocks: count.optional(),
  channel_mult: counts.optional(),
  num_heads: z.int().optional(),
  num_head_channels: z.int().optional(),
  transformer_depth: count.optional(),
  context_dim: count.optional(),
  use_linear_in_transformer: z.boolean().optional(),
});

const firstStageParams = z.looseObject({
  ddconfig: z
    .looseObject({
      z_channels: count.optional(),
      in_channels: count.optional(),
      out_ch: count.optional(),
      ch: count.optional(),
      ch_mult: counts.optional(),
      num_res_blocks: count.optional(),
      attn_resolutions: z.array(count).max(16).optional(),
    })
    .optional(),
});

const condStageParams = z.looseObject({
  layer: z.string().optional(),
  max_length: count.optional(),
  /** Of a BERTEmbedder, as the next. */
  n_embed: count.optional(),
  n_layer: count.optional(),
  text_config: z
    .looseObject({
      hidden_size: count.optional(),
      intermediate_size: count.optional(),
      num_hidden_layers: count.optional(),
      num_attention_heads: count.optional(),
    })
    .optional(),
});

const configYaml = z.looseObject({
  model: z.looseObject({
    target,
    params: z.looseObject({
      linear_start: z.number().positive().max(1).optional(),
      linear_end: z.number().positive().max(1).optional(),
      timesteps: count.max(100_000).optional(),
      scale_factor: z.number().positive().optional(),
      use_ema: z.boolean().optional(),
      rescale_betas_zero_snr: z.boolean().optional(),
      parameterization: z.enum(['eps', 'v']).optional(),
      unet_config: z.looseObject({ target, params: unetParams.optional() }).optional(),
      first_stage_config: z.looseObject({ target, params: firstStageParams.optional() }).optional(),
      cond_stage_config: z.looseObject({ target, params: condStageParams.optional() }).optional(),
    }),
  }),
});

const ENCODERS: Readonly<Record<string, TextFinder['kind']>> = {
  FrozenCLIPEmbedder: 'clip',
  FrozenOpenCLIPEmbedder: 'openclip',
  BERTEmbedder: 'bert',
};

/** The reference's classes that our graphs implement, by the last part of their names. */
const TARGETS: Record<string, readonly string[]> = {
  model: ['LatentDiffusion', 'LatentInpaintDiffusion', 'LatentFinetuneDiffusion'],
  unet_config: ['UNetModel'],
  first_stage_config: ['AutoencoderKL'],
  cond_stage_config: Object.keys(ENCODERS),
};

/** The reference's files have two kilobytes. A parser's time grows faster than the text. */
const MAX_BYTES = 2 ** 16;

/** Reads a configuration of the reference (such as configs/stable-diffusion/v1-inference.yaml). */
export async function readYaml(path: string): Promise<StatedConfig> {
  const bytes = await readWhole(path, MAX_BYTES).catch((cause) => {
    throw unreadable(path, cause);
  });
  const yaml = requireOwn('yaml') as typeof import('yaml');
  let document: unknown;
  try {
    // Aliases could expand a small file without limit; the reference's configurations have none.
    document = yaml.parse(bytes.toString(), { maxAliasCount: 0, uniqueKeys: false });
  } catch (cause) {
    const line = (cause as Error).message.split('\n')[0]!.replace(/:$/, '');
    throw new CheckpointError(`${path}: it is not valid YAML (${line}).`, { cause });
  }
  const result = configYaml.safeParse(document);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new CheckpointError(`${path}: ${issue.path.join('.') || 'the file'}: ${issue.message}.`, {
      cause: result.error,
    });
  }
  const { model } = result.data;
  const { params } = model;
  checkTarget(path, 'model', model.target);
  for (const part of ['unet_config', 'first_stage_config', 'cond_stage_config'] as const) {
    checkTarget(path, part, params[part]?.target);
  }
  const size = params.unet_config?.params?.image_size;
  return {
    useEma: params.use_ema,
    predictionType: params.parameterization && (params.parameterization === 'v' ? 'v_prediction' : 'epsilon'),
    linearStart: params.linear_start,
    linearEnd: params.linear_end,
    timesteps: params.timesteps,
    zeroTerminalSnr: params.rescale_betas_zero_snr,
    imageSize: typeof size === 'number' ? size : undefined,
    encoder: ENCODERS[lastPart(params.cond_stage_config?.target ?? '')],
    lastLayer: params.cond_stage_config?.params?.layer === 'last',
    unet: unetFrom(params.unet_config?.params ?? {}),
    autoencoder: autoencoderFrom(path, params.first_stage_config?.params ?? {}, params.scale_factor),
    text: textFrom(params.cond_stage_config?.params ?? {}),
  };
}

function unetFrom(params: z.infer<typeof unetParams>): Partial<UNetConfig> {
  const widths = multiplied(params.model_channels, params.channel_mult);
  return stated({
    inChannels: params.in_channels,
    outChannels: params.out_channels,
    blockOutChannels: widths,
    layersPerBlock: params.num_res_blocks,
    attention: params.channel_mult?.map((_, level) => params.attention_resolutions?.includes(2 ** level) ?? true),
    heads: widths?.map((width) =>
      params.num_head_channels && params.num_head_channels > 0
        ? width / params.num_head_channels
        : Math.max(1, params.num_heads ?? 8),
    ),
    transformerLayers: params.transformer_depth,
    crossAttentionDim: params.context_dim,
    linearProjection: params.use_linear_in_transformer,
  });
}

function autoencoderFrom(
  path: string,
  { ddconfig }: z.infer<typeof firstStageParams>,
  scalingFactor: number | undefined,
): Partial<AutoencoderConfig> {
  if (ddconfig?.attn_resolutions?.length) {
    throw new CheckpointError(
      `${path}: an autoencoder with attn_resolutions is not part of Stable Diffusion. Leave the list empty.`,
    );
  }
  return stated({
    inChannels: ddconfig?.in_channels,
    outChannels: ddconfig?.out_ch,
    latentChannels: ddconfig?.z_channels,
    blockOutChannels: multiplied(ddconfig?.ch, ddconfig?.ch_mult),
    layersPerBlock: ddconfig?.num_res_blocks,
    scalingFactor,
  });
}

function textFrom({
  text_config: config,
  n_embed,
  n_layer,
}: z.infer<typeof condStageParams>): Partial<TextEncoderConfig> {
  return stated({
    hiddenSize: config?.hidden_size ?? n_embed,
    intermediateSize: config?.intermediate_size,
    layers: config?.num_hidden_layers ?? n_layer,
    heads: config?.num_attention_heads,
  });
}

function multiplied(width: number | undefined, factors: readonly number[] | undefined): number[] | undefined {
  return width === undefined ? undefined : factors?.map((factor) => factor * width);
}

function checkTarget(path: string, part: string, name: string | undefined): void {
  if (name !== undefined && !TARGETS[part]!.includes(lastPart(name))) {
    throw new CheckpointError(
      `${path}: ${part} has the target ${name.slice(0, 80)}, which is not Stable Diffusion 1.x or 2.x.`,
    );
  }
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Without the keys that are undefined, so that spreading it leaves those as they were. */
function stated<T extends object>(values: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
