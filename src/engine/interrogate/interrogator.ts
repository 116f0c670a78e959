import { type ClipModel, openClip } from '../checkpoint/clip.js';
import { CLIP_MERGES } from '../checkpoint/clip-merges.js';
import { readValues } from '../checkpoint/values.js';
import { buildClipVision } from '../graph/clip-vision.js';
import { buildTextEncoder } from '../graph/text-encoder.js';
import { loadPicture } from '../image/load.js';
import { checkPicture, isFile, type PictureSource } from '../image/source.js';
import type { ModelCard } from '../model.js';
import { RUNTIME } from '../open-options.js';
import { type Network, openNetwork } from '../runtime/network.js';
import { TUNING } from '../runtime/tuning.js';
import { preprocess } from '../safety/preprocess.js';
import { path as checkPath, list, read, type Schema, text } from '../schema.js';
import { Serial } from '../serial.js';
import { openTokenizer } from '../text/open-tokenizer.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { keptEmbeddings } from './embeddings.js';
import { phrasesFor, promptsOf, type Ranking, rank } from './rank.js';

export interface InterrogatorOptions {
  /** CPU threads; as many as there are cores by default. */
  readonly threads?: number | undefined;
  /** Folder where embeddings of phrases are kept; the user's cache folder by default. */
  readonly cache?: string | undefined;
  /** Whether the networks compute in a worker thread, as {@link DeviceOptions.worker} says; true by default. */
  readonly worker?: boolean | undefined;
}

const OPENING: Schema<InterrogatorOptions> = {
  of: 'Interrogator.open',
  fields: { threads: RUNTIME.threads, cache: RUNTIME.cache, worker: RUNTIME.worker },
};

export interface Interrogation {
  /** Up to three, the likeliest first. */
  readonly prompts: readonly string[];
  readonly ranking: Ranking;
}

const PROMPTS = 3;
/** Phrases that are embedded together. */
const BATCH = 32;

/**
 * Finds words for pictures, as "Interrogate CLIP" of AUTOMATIC1111 does: by how near their embeddings are to those of a list of
 * phrases. It runs on the processor. Calls run one after another; `close` when done.
 *
 * @example
 * await using clip = await Interrogator.open('clip-vit-large-patch14');
 * const { prompts } = await clip.interrogate(await loadPicture('fox.png'));
 */
export class Interrogator implements AsyncDisposable {
  readonly #calls = new Serial();
  #projection?: Promise<Float32Array>;

  private constructor(
    private readonly model: ClipModel,
    private readonly tokenizer: Tokenizer,
    /** What likenesses are multiplied by before they are compared. */
    private readonly scale: number,
    private readonly cache: string | undefined,
    private readonly text: Network,
    private readonly vision: Network,
  ) {}

  /**
   * Opens a folder of transformers' CLIPModel. Weights are mapped when first used.
   *
   * @throws CheckpointError if it is none.
   */
  static async open(path: string, given: InterrogatorOptions = {}): Promise<Interrogator> {
    checkPath('path', path);
    const { threads, cache, worker } = read(OPENING, given);
    const model = await openClip(path);
    const stored = model.weights.get('logit_scale');
    const scale = stored ? Math.exp((await readValues(stored))[0]!) : 100;
    const tokenizer = await openTokenizer({ merges: CLIP_MERGES });
    const { text, vision, weights } = model;
    const options = {
      ...TUNING.safety,
      device: 'cpu',
      ...(threads !== undefined && { threads }),
      ...(worker !== undefined && { worker }),
    } as const;
    const [texts, pictures] = [
      await openNetwork(() => buildTextEncoder(text, weights), { ...options, name: `${model.path}: the text tower` }),
      await openNetwork(() => buildClipVision('clip_vision', vision, weights), {
        ...options,
        name: `${model.path}: the vision tower`,
      }),
    ];
    return new Interrogator(model, tokenizer, scale, cache, texts, pictures);
  }

  /** @param card of the model that is to paint: where it lists what it knows, nothing else is said. */
  async interrogate(picture: PictureSource, card?: Pick<ModelCard, 'knows' | 'modifiers'>): Promise<Interrogation> {
    checkPicture('picture', picture);
    return this.#calls.run(async () => {
      const phrases = phrasesFor(card);
      const asked = phrases.map((phrase) => phrase.asked);
      const { files, projection } = this.model;
      const make = () => this.#textsOf(asked);
      const embeddings = await keptEmbeddings(files, asked, projection, make, this.cache);
      const ranking = rank(await this.#pictureOf(picture), phrases, embeddings, this.scale);
      return { prompts: promptsOf(ranking, PROMPTS), ranking };
    });
  }

  /** Embeddings of pictures and texts, each of length 1: for comparing them yourself. */
  async embed(
    picture: PictureSource,
    texts: readonly string[],
  ): Promise<{ picture: Float32Array; texts: Float32Array }> {
    checkPicture('picture', picture);
    list(text)('texts', texts);
    return this.#calls.run(async () => ({
      picture: await this.#pictureOf(picture),
      texts: await this.#textsOf(texts),
    }));
  }

  /** Waits for earlier calls, then releases everything. */
  close(): Promise<void> {
    return this.#calls.run(async () => {
      await this.text.release();
      await this.vision.release();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #pictureOf(source: PictureSource): Promise<Float32Array> {
    const picture = isFile(source) ? await loadPicture(source) : source;
    const pixels = preprocess([picture], this.model.vision.config.image_size);
    const { image_embeds } = await this.vision.run({ pixel_values: pixels });
    return normalized(image_embeds!.data, this.model.projection);
  }

  /** Rows of the projection's width. */
  async #textsOf(texts: readonly string[]): Promise<Float32Array> {
    const { projection, text, weights } = this.model;
    this.#projection ??= readValues(weights.get('text_projection.weight')!);
    const matrix = await this.#projection;
    const rows = new Float32Array(texts.length * projection);
    for (let from = 0; from < texts.length; from += BATCH) {
      const some = texts
        .slice(from, from + BATCH)
        .map((one) => this.tokenizer.encode(one).slice(0, text.maxPositions - 2));
      // What follows a text's end has no part in it: every token sees only those before it.
      const tokens = Math.max(...some.map(({ length }) => length)) + 2;
      const ids = new Int32Array(some.length * tokens).fill(this.tokenizer.end);
      some.forEach((own, row) => {
        ids.set([this.tokenizer.begin, ...own], row * tokens);
      });
      const shape = [some.length, tokens];
      const { last_hidden_state: states } = await this.text.run(
        { input_ids: { data: ids, shape } },
        { outputs: ['last_hidden_state'] },
      );
      some.forEach((own, row) => {
        const at = (row * tokens + own.length + 1) * text.hiddenSize;
        const pooled = states!.data.subarray(at, at + text.hiddenSize);
        rows.set(times(matrix, pooled, projection), (from + row) * projection);
      });
    }
    return normalized(rows, projection);
  }
}

/** matrix [outputs, inputs] times a vector. */
function times(matrix: Float32Array, vector: Float32Array, outputs: number): Float32Array {
  const inputs = vector.length;
  return Float32Array.from({ length: outputs }, (_, row) => {
    let sum = 0;
    for (let k = 0; k < inputs; k++) sum += matrix[row * inputs + k]! * vector[k]!;
    return sum;
  });
}

/** Each row divided by its length. */
function normalized(rows: Float32Array, width: number): Float32Array {
  for (let at = 0; at < rows.length; at += width) {
    const row = rows.subarray(at, at + width);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (let k = 0; k < width; k++) row[k] = row[k]! / length;
  }
  return rows;
}
