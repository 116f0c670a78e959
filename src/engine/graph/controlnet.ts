import type { Weights } from '../checkpoint/tensor.js';
import type { ControlNetConfig } from '../controlnet.js';
import { GraphBuilder, type Value } from './builder.js';
import type { BuiltGraph } from './built-graph.js';
import { FUSED, type GraphForm } from './form.js';
import { conv, silu } from './layers.js';
import { layoutOf } from './layout-of.js';
import { timeEmbedding } from './time-embedding.js';
import { contextInput, contextLayers, contract, residualName } from './unet.js';

const HINT = 'controlnet_cond_embedding';

/**
 * A ControlNet (Zhang et al. 2023): a copy of the UNet's way down and middle, with the names of diffusers'
 * ControlNetModel.
 *
 * Inputs: sample [b, c, h, w], timestep [b], encoder_hidden_states [b, tokens, width] and hint [1 or b, width, h, w] of
 * {@link buildControlHint}. Outputs: the inputs residual.0 to residual.n and residual.mid of a controlled UNet. All
 * float32.
 *
 * @throws CheckpointError if a tensor is missing or has another shape.
 */
export async function buildControlNet(
  { unet }: ControlNetConfig,
  weights: Weights,
  form: GraphForm = FUSED,
): Promise<BuiltGraph> {
  const g = new GraphBuilder('controlnet', weights, form);
  const sample = g.input('sample', 'float32', ['batch', unet.inChannels, 'height', 'width']);
  const timestep = g.input('timestep', 'float32', ['times']);
  const states = contextInput(g, unet);
  const hint = g.input('hint', 'float32', ['pictures', unet.blockOutChannels[0]!, 'height', 'width']);
  const own = (value: Value) => (form.float === 'float32' ? value : g.cast(value, form.float));

  const time = { value: own(timeEmbedding(g, unet, timestep)), width: unet.blockOutChannels[0]! * 4 };
  const batch = g.op('Shape', [sample], { start: 0, end: 1 });
  // Rows have no side that is known before the graph runs, except their width.
  if (form.int8) g.hideShapes(batch);
  const layout = layoutOf(g);
  const context = contextLayers(g, layout, unet, own(states));
  const inputs = { sample: own(sample), context, batch, time };
  // Rows are not broadcast.
  const each = form.int8 ? g.op('Expand', [hint, g.op('Concat', [batch, g.ints(1, 1, 1)], { axis: 0 })]) : hint;
  const { skips, middle } = contract(g, layout, unet, inputs, own(each));
  const zero = (x: unknown, place: number | 'mid', name: string, channels: number) => {
    const found = conv(g, layout.asPicture(x, channels), name, channels, channels, { size: 1 });
    g.output(residualName(place), found, ['batch', channels, `height${place}`, `width${place}`]);
  };
  skips.forEach(([x, channels], k) => {
    zero(x, k, `controlnet_down_blocks.${k}`, channels);
  });
  zero(middle, 'mid', 'controlnet_mid_block', unet.blockOutChannels.at(-1)!);
  return g.finish();
}

/**
 * What a ControlNet makes of its picture, once: convolutions with SiLU between them, every other one with stride 2.
 *
 * Input: picture [b, 3, H, W] in 0..1. Output: hint [b, width, h, w], smaller by 2 to the power of the widths - 1.
 */
export async function buildControlHint(
  { unet, hintWidths }: ControlNetConfig,
  weights: Weights,
  form: GraphForm = FUSED,
): Promise<BuiltGraph> {
  const g = new GraphBuilder('controlnet_hint', weights, form);
  const picture = g.input('picture', 'float32', ['batch', 3, 'height', 'width']);
  const [first] = hintWidths as [number, ...number[]];
  let x = conv(g, picture, `${HINT}.conv_in`, 3, first);
  for (let k = 0; k < hintWidths.length - 1; k++) {
    const [width, next] = [hintWidths[k]!, hintWidths[k + 1]!];
    x = conv(g, silu(g, x), `${HINT}.blocks.${2 * k}`, width, width);
    x = conv(g, silu(g, x), `${HINT}.blocks.${2 * k + 1}`, width, next, { stride: 2 });
  }
  const width = unet.blockOutChannels[0]!;
  const hint = conv(g, silu(g, x), `${HINT}.conv_out`, hintWidths.at(-1)!, width);
  g.output('hint', hint, ['batch', width, 'height / 8', 'width / 8']);
  return g.finish();
}
