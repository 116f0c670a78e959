import type { UNetConfig } from '../../model.js';
import { addConv, addLinear, addNorm, addResnet, type Shapes } from './shapes.js';

/** Names and shapes of the noise predictor's tensors (diffusers' UNet2DConditionModel). */
export function unetShapes(config: UNetConfig): Shapes {
  const shapes: Shapes = new Map();
  const channels = config.blockOutChannels;
  const last = channels.length - 1;
  const timeWidth = channels[0]! * 4;

  addConv(shapes, 'conv_in', config.inChannels, channels[0]!, 3);
  addLinear(shapes, 'time_embedding.linear_1', channels[0]!, timeWidth);
  addLinear(shapes, 'time_embedding.linear_2', timeWidth, timeWidth);
  if (config.timeCondDim) addLinear(shapes, 'time_embedding.cond_proj', config.timeCondDim, channels[0]!, false);

  channels.forEach((width, level) => {
    const block = `down_blocks.${level}`;
    for (let j = 0; j < config.layersPerBlock; j++) {
      addResnet(shapes, `${block}.resnets.${j}`, j > 0 ? width : channels[Math.max(level - 1, 0)]!, width, timeWidth);
      if (config.attention[level]) addAttention(shapes, `${block}.attentions.${j}`, width, config);
    }
    if (level < last) addConv(shapes, `${block}.downsamplers.0.conv`, width, width, 3);
  });

  const inner = channels[last]!;
  if (config.midBlock !== false) {
    addResnet(shapes, 'mid_block.resnets.0', inner, inner, timeWidth);
    addAttention(shapes, 'mid_block.attentions.0', inner, config);
    addResnet(shapes, 'mid_block.resnets.1', inner, inner, timeWidth);
  }

  for (let i = 0; i <= last; i++) {
    const level = last - i;
    const block = `up_blocks.${i}`;
    const width = channels[level]!;
    const below = channels[Math.min(level + 1, last)]!;
    const above = channels[Math.max(level - 1, 0)]!;
    for (let j = 0; j <= config.layersPerBlock; j++) {
      // The skip connections come back in reverse: the last one was made before the level widened.
      const skip = j === config.layersPerBlock ? above : width;
      addResnet(shapes, `${block}.resnets.${j}`, (j > 0 ? width : below) + skip, width, timeWidth);
      if (config.attention[level]) addAttention(shapes, `${block}.attentions.${j}`, width, config);
    }
    if (level > 0) addConv(shapes, `${block}.upsamplers.0.conv`, width, width, 3);
  }

  addNorm(shapes, 'conv_norm_out', channels[0]!);
  addConv(shapes, 'conv_out', channels[0]!, config.outChannels, 3);
  return shapes;
}

/** Self-attention, cross-attention and a gated feed-forward, between two projections (SpatialTransformer). */
function addAttention(shapes: Shapes, name: string, width: number, config: UNetConfig): void {
  const projection = (end: string) =>
    config.linearProjection
      ? addLinear(shapes, `${name}.${end}`, width, width)
      : addConv(shapes, `${name}.${end}`, width, width, 1);
  addNorm(shapes, `${name}.norm`, width);
  projection('proj_in');
  for (let k = 0; k < config.transformerLayers; k++) {
    const block = `${name}.transformer_blocks.${k}`;
    const attend = (attention: string, context: number) => {
      addLinear(shapes, `${attention}.to_q`, width, width, false);
      addLinear(shapes, `${attention}.to_k`, context, width, false);
      addLinear(shapes, `${attention}.to_v`, context, width, false);
      addLinear(shapes, `${attention}.to_out.0`, width, width);
    };
    attend(`${block}.attn1`, width);
    attend(`${block}.attn2`, config.crossAttentionDim);
    for (const norm of ['norm1', 'norm2', 'norm3']) addNorm(shapes, `${block}.${norm}`, width);
    addLinear(shapes, `${block}.ff.net.0.proj`, width, width * 8);
    addLinear(shapes, `${block}.ff.net.2`, width * 4, width);
  }
  projection('proj_out');
}
