import type { ControlNetConfig } from '../../controlnet.js';
import { addConv, type Shapes } from './shapes.js';
import { unetShapes } from './unet.js';

/** Names and shapes of a ControlNet's tensors (diffusers' ControlNetModel). */
export function controlNetShapes({ unet, hintWidths }: ControlNetConfig): Shapes {
  const shapes: Shapes = new Map(
    [...unetShapes(unet)].filter(([name]) => !/^(up_blocks|conv_norm_out|conv_out)\./.test(name)),
  );
  const widths = unet.blockOutChannels;
  const hint = 'controlnet_cond_embedding';
  addConv(shapes, `${hint}.conv_in`, 3, hintWidths[0]!, 3);
  for (let k = 0; k < hintWidths.length - 1; k++) {
    addConv(shapes, `${hint}.blocks.${2 * k}`, hintWidths[k]!, hintWidths[k]!, 3);
    addConv(shapes, `${hint}.blocks.${2 * k + 1}`, hintWidths[k]!, hintWidths[k + 1]!, 3);
  }
  addConv(shapes, `${hint}.conv_out`, hintWidths.at(-1)!, widths[0]!, 3);

  let zero = 0;
  const addZero = (width: number) => addConv(shapes, `controlnet_down_blocks.${zero++}`, width, width, 1);
  addZero(widths[0]!);
  widths.forEach((width, level) => {
    for (let j = 0; j < unet.layersPerBlock; j++) addZero(width);
    if (level < widths.length - 1) addZero(width);
  });
  addConv(shapes, 'controlnet_mid_block', widths.at(-1)!, widths.at(-1)!, 1);
  return shapes;
}
