import type { Weights } from '../checkpoint/tensor.js';
import type { TextEncoderConfig } from '../model.js';
import { GraphBuilder, type Value } from './builder.js';
import type { BuiltGraph } from './built-graph.js';
import { clipLayer } from './clip.js';
import { FUSED, type GraphForm } from './form.js';
import { layerNorm } from './layers.js';

/** Name of the output for a CLIP skip: 1 is the last layer. */
export function textOutput(clipSkip: number): string {
  return clipSkip === 1 ? 'last_hidden_state' : `hidden_state_${clipSkip}`;
}

/**
 * CLIP's text transformer with a causal mask and no padding mask, or LAION-400M's with no mask at all.
 *
 * Input: input_ids [b, tokens], int32. Outputs, float32 [b, tokens, width], each through the final layer norm:
 * last_hidden_state, and hidden_state_n, the n-th layer from the end, for every n from 2 to the number of layers.
 *
 * @throws CheckpointError if a tensor is missing or has another shape.
 */
export async function buildTextEncoder(
  config: TextEncoderConfig,
  weights: Weights,
  form: GraphForm = FUSED,
): Promise<BuiltGraph> {
  const g = new GraphBuilder('text_encoder', weights, form);
  const width = config.hiddenSize;
  const ids = g.input('input_ids', 'int32', ['batch', 'tokens']);
  const batch = g.op('Shape', [ids], { start: 0, end: 1 });
  const tokens = g.op('Shape', [ids], { start: 1, end: 2 });

  const embeddings = 'text_model.embeddings';
  const words = g.gather(`${embeddings}.token_embedding.weight`, [config.vocabSize, width], ids);
  const positions = g.weight(`${embeddings}.position_embedding.weight`, [config.maxPositions, width]);
  const sum = g.op('Add', [words, g.op('Slice', [positions, g.ints(0), tokens, g.ints(0)])]);

  let x = g.op('Reshape', [sum, g.ints(-1, width)]);
  const shape = g.op('Concat', [batch, tokens, g.ints(width)], { axis: 0 });
  const states: Value[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    x = clipLayer(g, x, `text_model.encoder.layers.${layer}`, config, batch, config.causal ?? true);
    states.push(x);
  }
  states.reverse().forEach((state, k) => {
    const normal = layerNorm(g, state, 'text_model.final_layer_norm', width, config.layerNormEps);
    g.output(textOutput(k + 1), g.op('Reshape', [normal, shape]), ['batch', 'tokens', width]);
  });
  return g.finish();
}
