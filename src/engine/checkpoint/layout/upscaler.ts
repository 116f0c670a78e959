import type { UpscalerConfig } from '../../upscaler/architecture.js';
import { addConv, type Shapes } from './shapes.js';

/** Convolutions in a dense block of RRDBNet. */
export const DENSE = 5;
/** Dense blocks in a residual one. */
export const BLOCKS = 3;

/** Names and shapes of an upscaler's tensors: those of Real-ESRGAN (basicsr's RRDBNet and SRVGGNetCompact). */
export function upscalerShapes(config: UpscalerConfig): Shapes {
  const shapes: Shapes = new Map();
  const { kind, inChannels, width } = config;
  if (kind === 'compact') {
    const last = 2 * (config.layers + 1);
    for (let k = 0; k < last; k += 2) {
      addConv(shapes, `body.${k}`, k === 0 ? inChannels : width, width, 3);
      shapes.set(`body.${k + 1}.weight`, [width]);
    }
    addConv(shapes, `body.${last}`, width, 3 * config.scale ** 2, 3);
    return shapes;
  }
  const { growth } = config;
  addConv(shapes, 'conv_first', inChannels, width, 3);
  for (let b = 0; b < config.blocks; b++) {
    for (let r = 1; r <= BLOCKS; r++) {
      for (let k = 1; k <= DENSE; k++) {
        const name = `body.${b}.rdb${r}.conv${k}`;
        addConv(shapes, name, width + (k - 1) * growth, k < DENSE ? growth : width, 3);
      }
    }
  }
  addConv(shapes, 'conv_body', width, width, 3);
  for (let s = 1; s <= config.stages; s++) addConv(shapes, `conv_up${s}`, width, width, 3);
  addConv(shapes, 'conv_hr', width, width, 3);
  addConv(shapes, 'conv_last', width, 3, 3);
  return shapes;
}
