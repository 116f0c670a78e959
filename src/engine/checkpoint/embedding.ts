import { basename, extname } from 'node:path';
import type { WeightsModel } from '../model.js';
import { readEmbedding, type Vectors } from './embedding-file.js';
import { withBytes } from './tensor.js';
import { changedDType, fromFloat32, readBytes, readValues } from './values.js';

const TABLE = 'text_model.embeddings.token_embedding.weight';

/** A textual-inversion file (Gal et al. 2022), and its word in prompts; by default the file's name. */
export interface EmbeddingFile {
  file: string;
  word?: string | undefined;
}

/** Vectors and their words. */
export interface Learned {
  words: readonly string[];
  values: Vectors['values'];
}

/**
 * The model with learned embeddings. The file's name is a word for them, as in AUTOMATIC1111, and so is the token that
 * diffusers writes into it.
 *
 * @throws CheckpointError if a file is damaged, is not an embedding, or was made for a text encoder of another width.
 */
export async function withEmbeddings(model: WeightsModel, files: readonly EmbeddingFile[]): Promise<WeightsModel> {
  const learned: Learned[] = [];
  for (const { file, word } of files) {
    const vectors = await readEmbedding(file, model.text.hiddenSize);
    const own = [basename(file, extname(file)), ...(vectors.word ? [vectors.word] : [])];
    learned.push({ words: word === undefined ? own : [word], values: vectors.values });
  }
  return withVectors(model, learned);
}

/** The model with more rows after its vocabulary, and words for them; see the tokenizer for how words are matched. */
export async function withVectors(model: WeightsModel, learned: readonly Learned[]): Promise<WeightsModel> {
  if (learned.length === 0) return model;
  const table = model.weights.text.get(TABLE)!;
  const words = new Map(model.tokenizer.words);
  const dtype = changedDType(table.dtype);
  const own = dtype === table.dtype ? await readBytes(table) : fromFloat32(await readValues(table), dtype);
  const rows: Uint8Array[] = [own];
  let count = table.shape[0]!;
  for (const { words: names, values } of learned) {
    const added = values.length / model.text.hiddenSize;
    const ids = Array.from({ length: added }, (_, k) => count + k);
    for (const name of names) words.set(name, ids);
    rows.push(fromFloat32(values, dtype));
    count += added;
  }
  const longer = { ...withBytes(table, dtype, Buffer.concat(rows)), shape: [count, model.text.hiddenSize] };
  return {
    ...model,
    tokenizer: { ...model.tokenizer, words },
    text: { ...model.text, vocabSize: count },
    weights: { ...model.weights, text: new Map(model.weights.text).set(TABLE, longer) },
  };
}
