import { CheckpointError } from '../../errors.js';
import type { TextEncoderConfig } from '../../model.js';
import { rowsOf, type StoredTensor } from '../tensor.js';

type Tensors = ReadonlyMap<string, StoredTensor>;

/** Prefixes of the names of transformers' CLIPTextModel, without its own `text_model.`. */
const CLIP_PREFIXES = [
  'cond_stage_model.transformer.text_model.',
  'cond_stage_model.transformer.',
  'cond_stage_model.text_model.',
];

const OPENCLIP_PREFIX = 'cond_stage_model.model.';

/** Canonical (transformers) to OpenCLIP, without `text_model.`. */
const OPENCLIP: readonly [RegExp, string][] = [
  [/^embeddings\.token_embedding\./, 'token_embedding.'],
  [/^embeddings\.position_embedding\.weight$/, 'positional_embedding'],
  [/^encoder\.layers\./, 'transformer.resblocks.'],
  [/\.layer_norm1\./, '.ln_1.'],
  [/\.layer_norm2\./, '.ln_2.'],
  [/\.self_attn\.out_proj\./, '.attn.out_proj.'],
  [/\.mlp\.fc1\./, '.mlp.c_fc.'],
  [/\.mlp\.fc2\./, '.mlp.c_proj.'],
  [/^final_layer_norm\./, 'ln_final.'],
];

const BERT_PREFIX = 'cond_stage_model.transformer.';

/**
 * Canonical (transformers) to LAION-400M's (x-transformers 0.x, as CompVis/latent-diffusion's ldm/modules/x_transformer.py
 * has it): attention and feed-forward are layers of one list.
 */
const BERT: readonly [RegExp, string | ((...match: string[]) => string)][] = [
  [/^embeddings\.token_embedding\./, 'token_emb.'],
  [/^embeddings\.position_embedding\./, 'pos_emb.emb.'],
  [/^final_layer_norm\./, 'norm.'],
  [
    /^encoder\.layers\.(\d+)\.(layer_norm1|self_attn)\./,
    (_, k, part) => `attn_layers.layers.${2 * Number(k)}.${part}.`,
  ],
  [/^encoder\.layers\.(\d+)\.(layer_norm2|mlp)\./, (_, k, part) => `attn_layers.layers.${2 * Number(k) + 1}.${part}.`],
  [/\.layer_norm[12]\./, '.0.'],
  [/\.self_attn\.([qkv])_proj\./, '.1.to_$1.'],
  [/\.self_attn\.out_proj\./, '.1.to_out.'],
  [/\.mlp\.fc1\./, '.1.net.0.0.'],
  [/\.mlp\.fc2\./, '.1.net.2.'],
];

/** OpenCLIP's ViT-H/14, which Stable Diffusion 2.x listens to. */
export const VIT_H = { hiddenSize: 1024, layers: 24 };

export interface TextFinder {
  kind: 'clip' | 'openclip' | 'bert';
  /** A tensor by its canonical name. */
  find: (name: string) => StoredTensor | undefined;
}

/** Finds a CompVis checkpoint's text encoder: CLIP ViT-L/14 (SD v1), OpenCLIP ViT-H/14 (SD 2.x) or LAION-400M's own. */
export function textFinder(file: string, tensors: Tensors): TextFinder {
  if (tensors.has(`${OPENCLIP_PREFIX}ln_final.weight`)) {
    return { kind: 'openclip', find: (name) => findOpenclip(tensors, name.replace(/^text_model\./, '')) };
  }
  if (tensors.has(`${BERT_PREFIX}attn_layers.layers.0.1.to_q.weight`)) {
    return {
      kind: 'bert',
      find: (name) => tensors.get(BERT_PREFIX + renamed(BERT, name.replace(/^text_model\./, ''))),
    };
  }
  const prefix = CLIP_PREFIXES.find((candidate) => tensors.has(`${candidate}final_layer_norm.weight`));
  if (prefix === undefined) {
    throw new CheckpointError(`${file}: there is no text encoder in it. Is this a whole Stable Diffusion checkpoint?`);
  }
  // Stable Diffusion 2.x under transformers' names, as some converters write it.
  const kind = tensors.get(`${prefix}final_layer_norm.weight`)?.shape[0] === VIT_H.hiddenSize ? 'openclip' : 'clip';
  return { kind, find: (name) => tensors.get(prefix + name.replace(/^text_model\./, '')) };
}

/** OpenCLIP keeps the three attention projections in one matrix, [3 * width, width]: each is a third of its bytes. */
function findOpenclip(tensors: Tensors, name: string): StoredTensor | undefined {
  const projection = /^(encoder\.layers\.\d+)\.self_attn\.([qkv])_proj\.(weight|bias)$/.exec(name);
  if (projection) {
    const [, layer, part, kind] = projection as unknown as [string, string, string, string];
    const key = `${layer.replace('encoder.layers', 'transformer.resblocks')}.attn.in_proj_${kind}`;
    const whole = tensors.get(OPENCLIP_PREFIX + key);
    const [index, rows] = ['qkv'.indexOf(part), (whole?.shape[0] ?? 0) / 3];
    return whole && rowsOf(whole, index * rows, (index + 1) * rows);
  }
  return tensors.get(OPENCLIP_PREFIX + renamed(OPENCLIP, name));
}

function renamed(names: typeof BERT, name: string): string {
  return names.reduce((key, [from, to]) => key.replace(from, to as string), name);
}

/** Reads the architecture from shapes. All encoders have heads of 64 channels, which shapes do not show. */
export function inferText(file: string, { kind, find }: TextFinder): TextEncoderConfig {
  const side = (name: string, axis: number): number => {
    const size = find(`text_model.${name}`)?.shape[axis];
    if (size === undefined) {
      throw new CheckpointError(
        `${file}: the text encoder lacks "${name}". Is this a whole Stable Diffusion checkpoint?`,
      );
    }
    return size;
  };
  let layers = 0;
  while (find(`text_model.encoder.layers.${layers}.layer_norm1.weight`)) layers++;
  const hiddenSize = side('final_layer_norm.weight', 0);
  const attentionWidth = side('encoder.layers.0.self_attn.q_proj.weight', 0);
  return {
    hiddenSize,
    intermediateSize: side('encoder.layers.0.mlp.fc1.weight', 0),
    layers,
    heads: Math.max(1, Math.floor(attentionWidth / 64)),
    ...(kind === 'bert' && { attentionWidth, attentionBias: false, causal: false }),
    vocabSize: side('embeddings.token_embedding.weight', 0),
    maxPositions: side('embeddings.position_embedding.weight', 0),
    activation: kind === 'clip' ? 'quick_gelu' : 'gelu',
    layerNormEps: 1e-5,
  };
}
