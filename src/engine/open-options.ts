import type { EmbeddingFile } from './checkpoint/embedding.js';
import type { OpenModelOptions } from './checkpoint/options.js';
import type { RuntimeOptions } from './runtime/open.js';
import { PRECISIONS } from './runtime/precision.js';
import { COMPUTING } from './runtime/runtime.js';
import { TILINGS } from './runtime/tiling.js';
import type { Fields, Schema } from './schema.js';
import * as is from './schema.js';

export interface OpenOptions extends RuntimeOptions, OpenModelOptions {
  /** Folders of LoRA files, for `<lora:name:weight>` in prompts; models/lora by default. */
  loras?: readonly string[] | undefined;
  /** A TAESD file or folder for previews; used where the model's latents are Stable Diffusion 1.x's. */
  previewVae?: string | undefined;
  /**
   * Pictures that may be painted at the same time, 1..16; 1 by default, and `auto` is 4 on GPUs. Requests of one size and with the same LoRAs then
   * share the noise predictor's runs, join between two steps, and end as they would alone. Models in int8 and folders of
   * ONNX graphs paint one request at a time whatever this is.
   */
  batch?: number | 'auto' | undefined;
}

/** Most of {@link OpenOptions.batch}. */
export const MAX_BATCH = 16;

/** What everything that computes takes. */
export const RUNTIME = {
  ...COMPUTING,
  freeMemory: is.callback,
} satisfies Partial<Fields<RuntimeOptions>>;

const EMBEDDING: Schema<EmbeddingFile> = {
  of: 'embeddings',
  fields: { file: is.path, word: is.text },
  needs: ['file'],
};

const isText = (value: unknown) => typeof value === 'string';

export const OPEN_OPTIONS: Schema<OpenOptions> = {
  of: 'StableDiffusion.open',
  fields: {
    ...RUNTIME,
    precision: is.choice(...PRECISIONS),
    vaeTiling: is.choice(...TILINGS),
    config: is.path,
    useEma: is.flag,
    vae: is.path,
    embeddings: is.list(is.group(EMBEDDING)),
    safetyChecker: is.either(isText, is.path, is.flag),
    loras: is.list(is.path),
    previewVae: is.path,
    batch: is.either(isText, is.choice('auto'), is.whole(1, MAX_BATCH)),
  },
};
