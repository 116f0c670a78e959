import { CheckpointError } from '../../errors.js';
import type { UNetConfig } from '../../model.js';
import type { StoredTensor } from '../tensor.js';

type Tensors = ReadonlyMap<string, StoredTensor>;

const UNET_PREFIX = 'model.diffusion_model.';

/** Canonical (diffusers) to CompVis, outside the numbered blocks. */
const ENDS: Record<string, string> = {
  conv_in: 'input_blocks.0.0',
  'time_embedding.linear_1': 'time_embed.0',
  'time_embedding.linear_2': 'time_embed.2',
  'time_embedding.cond_proj': 'time_embed.cond_proj',
  'mid_block.resnets.0': 'middle_block.0',
  'mid_block.attentions.0': 'middle_block.1',
  'mid_block.resnets.1': 'middle_block.2',
  conv_norm_out: 'out.0',
  conv_out: 'out.2',
};

/** Inside a residual block. What is inside an attention module has the same names on both sides. */
const RESNET: Record<string, string> = {
  norm1: 'in_layers.0',
  conv1: 'in_layers.2',
  time_emb_proj: 'emb_layers.1',
  norm2: 'out_layers.0',
  conv2: 'out_layers.3',
  conv_shortcut: 'skip_connection',
};

/**
 * CompVis's name, without prefix, of a canonical UNet tensor. CompVis counts blocks through all levels: an input block is
 * a residual block (with its attention) or a downsampler; the upsampler sits in a level's last output block.
 */
export function unetKey(config: Pick<UNetConfig, 'layersPerBlock' | 'attention'>, name: string): string {
  const layers = config.layersPerBlock;
  const level = /^(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.*)$/.exec(name);
  if (!level) {
    const end = Object.keys(ENDS).find((key) => name.startsWith(`${key}.`));
    return end ? `${ENDS[end]}.${withResnet(name.slice(end.length + 1))}` : name;
  }
  const [, way, i, kind, j, rest] = level as unknown as [string, string, string, string, string, string];
  const first = Number(i) * (layers + 1);
  if (kind === 'downsamplers') return `input_blocks.${first + layers + 1}.0.op.${rest.slice('conv.'.length)}`;
  if (kind === 'upsamplers') {
    const attends = config.attention[config.attention.length - 1 - Number(i)];
    return `output_blocks.${first + layers}.${attends ? 2 : 1}.${rest}`;
  }
  const block = way === 'down' ? `input_blocks.${first + 1 + Number(j)}` : `output_blocks.${first + Number(j)}`;
  return kind === 'attentions' ? `${block}.1.${rest}` : `${block}.0.${withResnet(rest)}`;
}

/** The name of a UNet tensor's EMA copy in a full checkpoint: LitEma removes the dots from names. */
function emaKey(key: string): string {
  return `model_ema.diffusion_model${key.replaceAll('.', '')}`;
}

/**
 * Reads the architecture from names and shapes. What shapes do not determine has SD v1's value: 8 heads, or heads of 64
 * channels in SD 2.x, which is known by its matrices for proj_in.
 *
 * @param find a tensor by its CompVis name without prefix.
 */
export function inferUnet(file: string, find: (key: string) => StoredTensor | undefined): UNetConfig {
  const side = (key: string, axis: number): number => {
    const size = find(key)?.shape[axis];
    if (size === undefined) {
      throw new CheckpointError(`${file}: the UNet lacks "${key}". Is this a whole Stable Diffusion 1.x checkpoint?`);
    }
    return size;
  };
  let blocks = 1;
  while (find(`input_blocks.${blocks}.0.in_layers.0.weight`) || find(`input_blocks.${blocks}.0.op.weight`)) blocks++;
  const firstOp = Array.from({ length: blocks }, (_, k) => k).find((k) => find(`input_blocks.${k}.0.op.weight`));
  const layersPerBlock = (firstOp ?? blocks) - 1;
  const levels = Math.ceil((blocks - 1) / (layersPerBlock + 1));
  const block = (level: number) => `input_blocks.${1 + level * (layersPerBlock + 1)}`;
  const widths = Array.from({ length: levels }, (_, level) => side(`${block(level)}.0.out_layers.3.weight`, 0));

  const attention = widths.map((_, level) => find(`${block(level)}.1.norm.weight`) !== undefined);
  const midBlock = find('middle_block.0.in_layers.0.weight') !== undefined;
  // All attention modules are alike.
  const attends = midBlock ? 'middle_block.1' : `${block(Math.max(attention.indexOf(true), 0))}.1`;
  const transformer = `${attends}.transformer_blocks`;
  let transformerLayers = 1;
  while (find(`${transformer}.${transformerLayers}.norm1.weight`)) transformerLayers++;
  const linearProjection = find(`${attends}.proj_in.weight`)?.shape.length === 2;
  return {
    inChannels: side('input_blocks.0.0.weight', 1),
    outChannels: side('out.2.weight', 0),
    blockOutChannels: widths,
    layersPerBlock,
    attention,
    heads: widths.map((width) => (linearProjection ? Math.max(1, width / 64) : 8)),
    transformerLayers,
    crossAttentionDim: side(`${transformer}.0.attn2.to_k.weight`, 1),
    normGroups: 32,
    normEps: 1e-5,
    linearProjection,
    ...(!midBlock && { midBlock: false as const }),
  };
}

/** Chooses between a full checkpoint's two sets of UNet weights, as `use_ema` does in the reference. */
export function unetFinder(
  tensors: Tensors,
  useEma: boolean,
): { find: (key: string) => StoredTensor | undefined; ema: boolean; warning?: string } {
  const plain = tensors.has(`${UNET_PREFIX}out.2.weight`);
  const averaged = tensors.has(emaKey('out.2.weight'));
  const ema = averaged && (useEma || !plain);
  return {
    ema,
    find: (key) => tensors.get(ema ? emaKey(key) : UNET_PREFIX + key),
    ...(useEma && !averaged && { warning: 'it has no separate EMA weights; the only ones it has are used' }),
    ...(!useEma && averaged && !plain && { warning: 'it has EMA weights only; they are used' }),
  };
}

function withResnet(rest: string): string {
  const part = rest.slice(0, rest.lastIndexOf('.'));
  return Object.hasOwn(RESNET, part) ? `${RESNET[part]}${rest.slice(part.length)}` : rest;
}
