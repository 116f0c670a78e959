import { basename, extname } from 'node:path';
import { CheckpointError } from '../errors.js';
import type { WeightsModel } from '../model.js';
import { readContainer } from './container.js';
import { changedDType, fromFloat32, readBytes, readValues } from './values.js';

const TABLE = 'text_model.embeddings.token_embedding.weight';
/** A prompt has 75 places for them. */
const MAX_VECTORS = 75;

/** A textual-inversion file (Gal et al. 2022), and the word that stands for it; by default its file's name. */
export interface EmbeddingFile {
  file: string;
  word?: string;
}

/**
 * The model with learned embeddings: rows after its vocabulary, and words that stand for them. The file's name is such a
 * word, as in AUTOMATIC1111, and so is the token that diffusers writes into it; the tokenizer says how they are
 * found.
 *
 * @throws CheckpointError if a file is damaged, is no embedding, or was made for a text encoder of another width.
 */
export async function withEmbeddings(model: WeightsModel, files: readonly EmbeddingFile[]): Promise<WeightsModel> {
  if (files.length === 0) return model;
  const table = model.weights.text.get(TABLE)!;
  const words = new Map(model.tokenizer.words);
  const dtype = changedDType(table.dtype);
  const own = dtype === table.dtype ? await readBytes(table) : fromFloat32(await readValues(table), dtype);
  const rows: Uint8Array[] = [own];
  let count = table.shape[0]!;
  for (const { file, word } of files) {
    const { vectors, token } = await readEmbedding(file, model.text.hiddenSize);
    const added = vectors.length / model.text.hiddenSize;
    const ids = Array.from({ length: added }, (_, k) => count + k);
    for (const name of word === undefined ? [basename(file, extname(file)), token] : [word]) {
      if (name) words.set(name, ids);
    }
    rows.push(fromFloat32(vectors, dtype));
    count += added;
  }
  const { strides: _, ...place } = table;
  const longer = { ...place, dtype, shape: [count, model.text.hiddenSize], bytes: Buffer.concat(rows) };
  return {
    ...model,
    tokenizer: { ...model.tokenizer, words },
    text: { ...model.text, vocabSize: count },
    weights: { ...model.weights, text: new Map(model.weights.text).set(TABLE, longer) },
  };
}

/** Vectors [n, width], row by row, and the token the file names, if it does. */
async function readEmbedding(path: string, width: number): Promise<{ vectors: Float32Array; token?: string }> {
  const { tensors } = await readContainer(path);
  const own = ['string_to_param.*', 'emb_params'].find((name) => tensors.has(name));
  const only = tensors.size === 1 ? [...tensors.keys()][0]! : undefined;
  const name = own ?? only;
  const tensor = name === undefined ? undefined : tensors.get(name)!;
  if (!tensor || tensor.shape.length < 1 || tensor.shape.length > 2) {
    throw new CheckpointError(`${path}: this is not a textual-inversion embedding for Stable Diffusion 1.x or 2.x.`);
  }
  const rows = tensor.shape.length === 2 ? tensor.shape[0]! : 1;
  if (tensor.shape.at(-1) !== width || rows < 1 || rows > MAX_VECTORS) {
    throw new CheckpointError(
      `${path}: its vectors are [${tensor.shape}], but the model's have ${width} numbers. It was made for another model.`,
    );
  }
  return { vectors: await readValues(tensor), ...(name !== own && { token: name! }) };
}
