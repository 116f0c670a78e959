import type { AutoencoderConfig } from '../../model.js';
import { addConv, type Shapes } from './shapes.js';

/** Blocks between two changes of size, from the picture inwards (taesd.py, github.com/madebyollin/taesd). */
export const ENCODER_BLOCKS = [1, 3, 3, 3] as const;
export const DECODER_BLOCKS = [...ENCODER_BLOCKS].reverse();

/** Names and shapes of TAESD's tensors (diffusers' AutoencoderTiny). */
export function tinyAutoencoderShapes(config: AutoencoderConfig): Shapes {
  const shapes: Shapes = new Map();
  const width = config.blockOutChannels[0]!;
  const addBlock = (name: string) => {
    for (const part of ['conv.0', 'conv.2', 'conv.4']) addConv(shapes, `${name}.${part}`, width, width, 3);
  };
  const addPlain = (name: string) => shapes.set(`${name}.weight`, [width, width, 3, 3]);

  let layer = 0;
  ENCODER_BLOCKS.forEach((blocks, level) => {
    if (level === 0) addConv(shapes, `encoder.layers.${layer++}`, config.inChannels, width, 3);
    else addPlain(`encoder.layers.${layer++}`);
    for (let j = 0; j < blocks; j++) addBlock(`encoder.layers.${layer++}`);
  });
  addConv(shapes, `encoder.layers.${layer}`, width, config.latentChannels, 3);

  addConv(shapes, 'decoder.layers.0', config.latentChannels, width, 3);
  layer = 2;
  DECODER_BLOCKS.forEach((blocks, level) => {
    for (let j = 0; j < blocks; j++) addBlock(`decoder.layers.${layer++}`);
    if (level === DECODER_BLOCKS.length - 1) return;
    layer++;
    addPlain(`decoder.layers.${layer++}`);
  });
  addConv(shapes, `decoder.layers.${layer}`, width, config.outChannels, 3);
  return shapes;
}
