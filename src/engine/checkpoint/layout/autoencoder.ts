import type { AutoencoderConfig } from '../../model.js';
import { addConv, addLinear, addNorm, addResnet, type Shapes } from './shapes.js';

/** Names and shapes of the autoencoder's tensors (diffusers' AutoencoderKL). */
export function autoencoderShapes(config: AutoencoderConfig): Shapes {
  const shapes: Shapes = new Map();
  const channels = config.blockOutChannels;
  const last = channels.length - 1;
  const latent = config.latentChannels;

  addConv(shapes, 'encoder.conv_in', config.inChannels, channels[0]!, 3);
  channels.forEach((width, level) => {
    const block = `encoder.down_blocks.${level}`;
    for (let j = 0; j < config.layersPerBlock; j++) {
      addResnet(shapes, `${block}.resnets.${j}`, j > 0 ? width : channels[Math.max(level - 1, 0)]!, width);
    }
    if (level < last) addConv(shapes, `${block}.downsamplers.0.conv`, width, width, 3);
  });
  addMiddle(shapes, 'encoder.mid_block', channels[last]!, config.midAttention);
  addNorm(shapes, 'encoder.conv_norm_out', channels[last]!);
  addConv(shapes, 'encoder.conv_out', channels[last]!, 2 * latent, 3);
  addConv(shapes, 'quant_conv', 2 * latent, 2 * latent, 1);

  addConv(shapes, 'post_quant_conv', latent, latent, 1);
  addConv(shapes, 'decoder.conv_in', latent, channels[last]!, 3);
  addMiddle(shapes, 'decoder.mid_block', channels[last]!, config.midAttention);
  for (let i = 0; i <= last; i++) {
    const block = `decoder.up_blocks.${i}`;
    const width = channels[last - i]!;
    const below = channels[Math.min(last - i + 1, last)]!;
    for (let j = 0; j <= config.layersPerBlock; j++) {
      addResnet(shapes, `${block}.resnets.${j}`, j > 0 ? width : below, width);
    }
    if (i < last) addConv(shapes, `${block}.upsamplers.0.conv`, width, width, 3);
  }
  addNorm(shapes, 'decoder.conv_norm_out', channels[0]!);
  addConv(shapes, 'decoder.conv_out', channels[0]!, config.outChannels, 3);
  return shapes;
}

/** Pictures to latents; a checkpoint pruned for painting may lack it. */
export function isEncoderTensor(name: string): boolean {
  return name.startsWith('encoder.') || name.startsWith('quant_conv.');
}

function addMiddle(shapes: Shapes, name: string, width: number, attention: boolean): void {
  addResnet(shapes, `${name}.resnets.0`, width, width);
  if (attention) {
    addNorm(shapes, `${name}.attentions.0.group_norm`, width);
    for (const part of ['to_q', 'to_k', 'to_v', 'to_out.0']) {
      addLinear(shapes, `${name}.attentions.0.${part}`, width, width);
    }
  }
  addResnet(shapes, `${name}.resnets.1`, width, width);
}
