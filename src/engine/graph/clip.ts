import { attention } from './attention.js';
import type { GraphBuilder, Value } from './builder.js';
import { layerNorm, linear } from './layers.js';

/**
 * One of CLIP's two transformers (Radford et al. 2021), with the names of transformers' CLIPTextModel and
 * CLIPVisionModel.
 */
export interface ClipConfig {
  hiddenSize: number;
  intermediateSize: number;
  heads: number;
  /** Of queries, keys and values; `hiddenSize` unless it is given. */
  attentionWidth?: number;
  attentionBias?: false;
  activation: 'quick_gelu' | 'gelu';
  layerNormEps: number;
}

/**
 * A pre-norm transformer layer on rows [b * tokens, width].
 *
 * @param batch int64 [1]
 * @param causal whether a token sees only those before it.
 */
export function clipLayer(
  g: GraphBuilder,
  x: Value,
  name: string,
  config: ClipConfig,
  batch: Value,
  causal: boolean,
): Value {
  const { hiddenSize: width, intermediateSize: inner, heads, layerNormEps: eps } = config;
  const { attentionWidth = width, attentionBias = true } = config;
  const before = layerNorm(g, x, `${name}.layer_norm1`, width, eps);
  const [q, k, v] = ['q', 'k', 'v'].map((part) =>
    linear(g, before, `${name}.self_attn.${part}_proj`, width, attentionWidth, attentionBias),
  );
  const attended = attention(g, { q: q!, k: k!, v: v!, batch, width: attentionWidth, heads, causal });
  const middle = g.op('Add', [x, linear(g, attended, `${name}.self_attn.out_proj`, attentionWidth, width)]);

  const normal = layerNorm(g, middle, `${name}.layer_norm2`, width, eps);
  const raised = linear(g, normal, `${name}.mlp.fc1`, width, inner);
  const active =
    config.activation === 'gelu' ? g.op('Gelu', [raised]) : g.fused('QuickGelu', [raised], { alpha: { float: 1.702 } });
  return g.op('Add', [middle, linear(g, active, `${name}.mlp.fc2`, inner, width)]);
}
