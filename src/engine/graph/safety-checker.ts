import { z } from 'zod';
import type { Weights } from '../checkpoint/tensor.js';
import { CheckpointError } from '../errors.js';
import { GraphBuilder } from './builder.js';
import type { BuiltGraph } from './built-graph.js';
import { type ClipConfig, clipLayer } from './clip.js';
import { FUSED, type GraphForm } from './form.js';
import { layerNorm } from './layers.js';

/** config.json of a `safety_checker` folder; defaults are transformers' CLIPVisionConfig's. */
const safetyJson = z.looseObject({
  projection_dim: z.int().positive().default(768),
  vision_config: z.looseObject({
    hidden_size: z.int().positive().default(768),
    intermediate_size: z.int().positive().default(3072),
    num_hidden_layers: z.int().positive().default(12),
    num_attention_heads: z.int().positive().default(12),
    image_size: z.int().positive().default(224),
    patch_size: z.int().positive().default(32),
    hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
    layer_norm_eps: z.number().positive().default(1e-5),
  }),
});

/**
 * CLIP's vision tower with its projection, as the safety checker uses it.
 *
 * Input: pixel_values [b, 3, 224, 224], normalized for CLIP. Output: image_embeds [b, projection], float32.
 *
 * @param config the folder's config.json.
 * @throws CheckpointError if the configuration is invalid, or a tensor is missing or has another shape.
 */
export async function buildSafetyChecker(
  config: unknown,
  weights: Weights,
  form: GraphForm = FUSED,
): Promise<BuiltGraph> {
  const { vision, clip, projection } = parse(config, weights);
  const width = clip.hiddenSize;
  const patch = vision.patch_size;
  const places = Math.floor(vision.image_size / patch) ** 2;
  const name = 'vision_model.vision_model';

  const g = new GraphBuilder('safety_checker', weights, form);
  const pixels = g.input('pixel_values', 'float32', ['batch', 3, vision.image_size, vision.image_size]);
  const batch = g.op('Shape', [pixels], { start: 0, end: 1 });
  const kernel = g.weight(`${name}.embeddings.patch_embedding.weight`, [width, 3, patch, patch]);
  const patches = g.op('Conv', [pixels, kernel], { kernel_shape: [patch, patch], strides: [patch, patch] });
  const sequence = g.op('Transpose', [g.op('Reshape', [patches, g.ints(0, 0, -1)])], { perm: [0, 2, 1] });
  const first = g.weight(`${name}.embeddings.class_embedding`, [1, 1, width]);
  const firsts = g.op('Expand', [first, g.op('Concat', [batch, g.ints(1, width)], { axis: 0 })]);
  const positions = g.weight(`${name}.embeddings.position_embedding.weight`, [places + 1, width]);
  const sum = g.op('Add', [g.op('Concat', [firsts, sequence], { axis: 1 }), positions]);

  let x = g.op('Reshape', [sum, g.ints(-1, width)]);
  x = layerNorm(g, x, `${name}.pre_layrnorm`, width, clip.layerNormEps);
  for (let layer = 0; layer < vision.num_hidden_layers; layer++) {
    x = clipLayer(g, x, `${name}.encoder.layers.${layer}`, clip, batch, false);
  }
  const tokens = g.op('Reshape', [x, g.ints(-1, places + 1, width)]);
  const pooled = g.op('Gather', [tokens, g.index(0)], { axis: 1 });
  const normal = layerNorm(g, pooled, `${name}.post_layernorm`, width, clip.layerNormEps);
  const embeds = g.op('Gemm', [normal, g.weight('visual_projection.weight', [projection, width])], { transB: 1 });
  g.output('image_embeds', embeds, ['batch', projection]);
  return g.finish();
}

function parse(config: unknown, weights: Weights) {
  const parsed = safetyJson.safeParse(config);
  if (!parsed.success) {
    const file = weights.values().next().value?.file ?? 'safety checker';
    const { path, message } = parsed.error.issues[0]!;
    throw new CheckpointError(
      `${file}: the safety checker's config.json does not fit: ${path.join('.')}: ${message}. Download the folder again.`,
    );
  }
  const { vision_config: vision, projection_dim: projection } = parsed.data;
  const clip: ClipConfig = {
    hiddenSize: vision.hidden_size,
    intermediateSize: vision.intermediate_size,
    heads: vision.num_attention_heads,
    activation: vision.hidden_act,
    layerNormEps: vision.layer_norm_eps,
  };
  return { vision, clip, projection };
}
