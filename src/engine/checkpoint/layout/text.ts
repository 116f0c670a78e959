import type { TextEncoderConfig } from '../../model.js';
import { addLinear, addNorm, type Shapes } from './shapes.js';

/** Names and shapes of the text encoder's tensors (transformers' CLIPTextModel). */
export function textShapes(config: TextEncoderConfig): Shapes {
  const shapes: Shapes = new Map();
  const { hiddenSize: width, attentionWidth = width, attentionBias = true } = config;
  shapes.set('text_model.embeddings.token_embedding.weight', [config.vocabSize, width]);
  shapes.set('text_model.embeddings.position_embedding.weight', [config.maxPositions, width]);
  for (let k = 0; k < config.layers; k++) {
    const layer = `text_model.encoder.layers.${k}`;
    addNorm(shapes, `${layer}.layer_norm1`, width);
    for (const part of ['q_proj', 'k_proj', 'v_proj']) {
      addLinear(shapes, `${layer}.self_attn.${part}`, width, attentionWidth, attentionBias);
    }
    addLinear(shapes, `${layer}.self_attn.out_proj`, attentionWidth, width);
    addNorm(shapes, `${layer}.layer_norm2`, width);
    addLinear(shapes, `${layer}.mlp.fc1`, width, config.intermediateSize);
    addLinear(shapes, `${layer}.mlp.fc2`, config.intermediateSize, width);
  }
  addNorm(shapes, 'text_model.final_layer_norm', width);
  return shapes;
}
