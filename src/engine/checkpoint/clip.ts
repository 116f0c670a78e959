import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CheckpointError } from '../errors.js';
import { type Vision, visionJson } from '../graph/clip-vision.js';
import type { TextEncoderConfig } from '../model.js';
import { readComponent } from './component.js';
import { readJson } from './json.js';
import type { Weights } from './tensor.js';

/** A whole CLIP (Radford et al. 2021): both towers, whose embeddings can be compared. */
export interface ClipModel {
  readonly path: string;
  readonly text: TextEncoderConfig;
  readonly vision: Vision;
  /** Width of the embeddings. */
  readonly projection: number;
  readonly weights: Weights;
  readonly files: readonly string[];
}

/** Defaults are transformers' CLIPTextConfig's. */
const textJson = z.looseObject({
  hidden_size: z.int().positive().default(512),
  intermediate_size: z.int().positive().default(2048),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(8),
  max_position_embeddings: z.int().positive().default(77),
  vocab_size: z.int().positive().default(49408),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});

const part = z.looseObject({}).nullish();
const clipJson = z.looseObject({
  model_type: z.literal('clip'),
  projection_dim: z.int().positive().default(512),
  text_config: part,
  vision_config: part,
  // What models that were published in 2021 have as well; it counts before the other.
  text_config_dict: part,
  vision_config_dict: part,
});

/**
 * Opens a folder of transformers' CLIPModel, such as openai/clip-vit-large-patch14. Stable Diffusion's own text encoder and
 * the safety checker's tower are no replacement: the one lacks the projection of texts, without which nothing can be compared.
 *
 * @throws CheckpointError if it is none, or cannot be read.
 */
export async function openClip(path: string): Promise<ClipModel> {
  const file = join(path, 'config.json');
  const json = await readJson(file, clipJson);
  const of = <T>(schema: z.ZodType<T>, ...parts: readonly (object | null | undefined)[]): T => {
    const parsed = schema.safeParse(Object.assign({}, ...parts));
    if (parsed.success) return parsed.data;
    const { path: keys, message } = parsed.error.issues[0]!;
    throw new CheckpointError(`${file}: ${keys.join('.')}: ${message}. Download the folder again.`);
  };
  const text = of(textJson, json.text_config, json.text_config_dict);
  const vision = of(visionJson, json.vision_config, json.vision_config_dict);
  const { tensors, files } = await readComponent(path);
  for (const name of ['text_projection.weight', 'visual_projection.weight']) {
    if (!tensors.has(name)) {
      throw new CheckpointError(
        `${path}: ${name} is missing, so pictures and texts cannot be compared. Take a whole CLIP.`,
      );
    }
  }
  const projection = json.projection_dim;
  return {
    path,
    text: {
      hiddenSize: text.hidden_size,
      intermediateSize: text.intermediate_size,
      layers: text.num_hidden_layers,
      heads: text.num_attention_heads,
      vocabSize: text.vocab_size,
      maxPositions: text.max_position_embeddings,
      activation: text.hidden_act,
      layerNormEps: text.layer_norm_eps,
    },
    vision: { config: vision, projection, name: 'vision_model' },
    projection,
    weights: tensors,
    files,
  };
}

/** Folders that CLIPs are kept in, here and in ComfyUI. */
export const CLIP_FOLDERS = ['clip', 'clip_vision'] as const;

/** The first CLIP in a folder of models, or in {@link CLIP_FOLDERS} below it; undefined if there is none. */
export async function clipIn(folder: string): Promise<string | undefined> {
  for (const place of ['', ...CLIP_FOLDERS]) {
    const names = (await readdir(join(folder, place)).catch(() => [])).sort();
    for (const path of [join(folder, place), ...names.map((name) => join(folder, place, name))]) {
      const config = join(path, 'config.json');
      if (!existsSync(config)) continue;
      const json = await readJson(config, z.looseObject({ model_type: z.unknown(), text_config: z.unknown() })).catch(
        () => null,
      );
      const whole = json?.model_type === 'clip' && (json.text_config || json.text_config_dict);
      if (whole) return path;
    }
  }
  return undefined;
}
