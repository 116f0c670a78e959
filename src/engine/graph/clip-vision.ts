import { z } from 'zod';
import type { Weights } from '../checkpoint/tensor.js';
import { GraphBuilder } from './builder.js';
import type { BuiltGraph } from './built-graph.js';
import { clipLayer } from './clip.js';
import { FUSED, type GraphForm } from './form.js';
import { layerNorm } from './layers.js';

/** Of config.json; defaults are transformers' CLIPVisionConfig's. */
export const visionJson = z.looseObject({
  hidden_size: z.int().positive().default(768),
  intermediate_size: z.int().positive().default(3072),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(12),
  image_size: z.int().positive().default(224),
  patch_size: z.int().positive().default(32),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});

export interface Vision {
  readonly config: z.infer<typeof visionJson>;
  /** Width of the embedding. */
  readonly projection: number;
  /** Of the names of its weights: `vision_model` in transformers' CLIPModel. */
  readonly name: string;
}

/**
 * CLIP's vision tower with its projection.
 *
 * Input: pixel_values [b, 3, side, side], normalized for CLIP. Output: image_embeds [b, projection], float32.
 *
 * @param label of the graph. @throws CheckpointError if a tensor is missing or has another shape.
 */
export async function buildClipVision(
  label: string,
  { config, projection, name }: Vision,
  weights: Weights,
  form: GraphForm = FUSED,
): Promise<BuiltGraph> {
  const { hidden_size: width, patch_size: patch, image_size: side, layer_norm_eps: eps } = config;
  const clip = {
    hiddenSize: width,
    intermediateSize: config.intermediate_size,
    heads: config.num_attention_heads,
    activation: config.hidden_act,
    layerNormEps: eps,
  };
  const places = Math.floor(side / patch) ** 2;

  const g = new GraphBuilder(label, weights, form);
  const pixels = g.input('pixel_values', 'float32', ['batch', 3, side, side]);
  const batch = g.op('Shape', [pixels], { start: 0, end: 1 });
  const kernel = g.weight(`${name}.embeddings.patch_embedding.weight`, [width, 3, patch, patch]);
  const patches = g.op('Conv', [pixels, kernel], { kernel_shape: [patch, patch], strides: [patch, patch] });
  const sequence = g.op('Transpose', [g.op('Reshape', [patches, g.ints(0, 0, -1)])], { perm: [0, 2, 1] });
  const first = g.weight(`${name}.embeddings.class_embedding`, [1, 1, width]);
  const firsts = g.op('Expand', [first, g.op('Concat', [batch, g.ints(1, width)], { axis: 0 })]);
  const positions = g.weight(`${name}.embeddings.position_embedding.weight`, [places + 1, width]);
  const sum = g.op('Add', [g.op('Concat', [firsts, sequence], { axis: 1 }), positions]);

  let x = g.op('Reshape', [sum, g.ints(-1, width)]);
  x = layerNorm(g, x, `${name}.pre_layrnorm`, width, eps);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    x = clipLayer(g, x, `${name}.encoder.layers.${layer}`, clip, batch, false);
  }
  const tokens = g.op('Reshape', [x, g.ints(-1, places + 1, width)]);
  const pooled = g.op('Gather', [tokens, g.index(0)], { axis: 1 });
  const normal = layerNorm(g, pooled, `${name}.post_layernorm`, width, eps);
  const embeds = g.op('Gemm', [normal, g.weight('visual_projection.weight', [projection, width])], { transB: 1 });
  g.output('image_embeds', embeds, ['batch', projection]);
  return g.finish();
}
