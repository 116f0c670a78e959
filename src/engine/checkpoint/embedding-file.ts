import { CheckpointError } from '../errors.js';
import { readContainer } from './container.js';
import { readEmbeddingPicture } from './embedding-picture.js';
import { isFloat, type StoredTensor } from './tensor.js';
import { areFinite, readValues } from './values.js';

/** A prompt has room for 75 vectors. */
const MAX_VECTORS = 75;
/** An embedding is one tensor; trainers may leave a few others next to it. */
const MAX_TENSORS = 10_000;

/** Learned vectors [n, width], row by row. */
export interface Vectors {
  values: Float32Array;
  /** Their word, if the file names one that differs from its own name. */
  word?: string;
}

/** @param width of the text encoder; undefined to accept any. @throws CheckpointError if it is damaged, not an embedding, or for another model. */
export async function readEmbedding(path: string, width?: number): Promise<Vectors> {
  const picture = await readEmbeddingPicture(path);
  if (!picture) return vectorsOf(path, (await readContainer(path, { maxTensors: MAX_TENSORS })).tensors, width);
  const vectors = await vectorsOf(path, picture.tensors, width);
  return picture.name === undefined ? vectors : { ...vectors, word: picture.name };
}

/**
 * The vectors among a file's tensors, in the common formats: `string_to_param` with any one placeholder (the
 * authors' and AUTOMATIC1111's .pt), `emb_params` (its .safetensors), `clip_l` (as ComfyUI reads it), or a single tensor
 * named by its word (diffusers').
 */
export async function vectorsOf(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  width?: number,
): Promise<Vectors> {
  const name = nameOf(path, [...tensors.keys()]);
  const tensor = name === undefined ? undefined : tensors.get(name)!;
  if (!tensor || !isFloat(tensor.dtype) || tensor.shape.length < 1 || tensor.shape.length > 2) {
    throw new CheckpointError(`${path}: this is not a textual-inversion embedding for Stable Diffusion 1.x or 2.x.`);
  }
  const rows = tensor.shape.length === 2 ? tensor.shape[0]! : 1;
  if (rows > MAX_VECTORS) {
    throw new CheckpointError(`${path}: it has too many vectors, ${rows}: a prompt has room for ${MAX_VECTORS}.`);
  }
  if (rows < 1 || (width !== undefined && tensor.shape.at(-1) !== width)) {
    throw new CheckpointError(
      `${path}: its vectors are [${tensor.shape}], but the model's have ${width} numbers. It was made for another model.`,
    );
  }
  const values = await readValues(tensor);
  if (!areFinite(values, 'F16')) {
    throw new CheckpointError(
      `${path}: some numbers in its vectors are NaN, infinite or far too large. Use another copy.`,
    );
  }
  return FORMAL.test(name!) ? { values } : { values, word: name! };
}

/** Names of formats, which are not words for prompts. */
const FORMAL = /^(string_to_param\.|emb_params$|clip_l$)/s;

function nameOf(path: string, names: readonly string[]): string | undefined {
  if (names.includes('clip_g')) {
    throw new CheckpointError(`${path}: this embedding is for Stable Diffusion XL. Use one for Stable Diffusion 1.x.`);
  }
  const params = names.filter((name) => name.startsWith('string_to_param.'));
  if (params.length > 1) {
    throw new CheckpointError(
      `${path}: there are ${params.length} placeholders in it. Easel reads embeddings with one: train or save them separately.`,
    );
  }
  return params[0] ?? names.find((name) => FORMAL.test(name)) ?? (names.length === 1 ? names[0] : undefined);
}
