import { CheckpointError } from '../errors.js';
import type { OnNotice } from '../meaning.js';
import type { Model } from '../model.js';
import type { Networks, Tensor } from '../networks.js';
import { type Chunk, chunksOf } from './chunks.js';
import { applyWeights } from './emphasis.js';
import { openTokenizer } from './open-tokenizer.js';
import { parsePrompt } from './prompt.js';
import type { Tokenizer } from './tokenizer.js';

/** What the noise predictor listens to: [rows, tokens, width] each, of the same shape. */
export interface Context {
  readonly cond: Tensor;
  /** Absent at a guidance scale of exactly 1, where the negative prompt has no effect. */
  readonly uncond?: Tensor;
}

export interface Words {
  /** One per row. */
  readonly prompts: readonly string[];
  readonly negative: string;
  readonly scale: number;
  /** `plain` takes the text literally and cuts it at the model's tokens; see {@link parsePrompt} for `weighted`. */
  readonly syntax: 'plain' | 'weighted';
  /** 1 takes the text encoder's last layer, n the n-th from the end. */
  readonly clipSkip: number;
}

/** Turns words into what the noise predictor listens to. */
export class Conditioner {
  readonly #networks: Networks;
  readonly #tokenizer: Tokenizer;
  readonly #maxTokens: number;
  readonly #vocabSize: number;

  /** @param vocabSize rows of the text encoder's table, where that is known. */
  constructor(networks: Networks, tokenizer: Tokenizer, maxTokens: number, vocabSize = Number.POSITIVE_INFINITY) {
    this.#networks = networks;
    this.#tokenizer = tokenizer;
    this.#maxTokens = maxTokens;
    this.#vocabSize = vocabSize;
  }

  /** @throws CheckpointError if the model's tokenizer cannot be read. */
  static async open(model: Model, networks: Networks): Promise<Conditioner> {
    const vocabSize = model.kind === 'weights' ? model.text.vocabSize : undefined;
    return new Conditioner(networks, await openTokenizer(model.tokenizer), model.maxTokens, vocabSize);
  }

  /** @param onNotice gets the part that a plain prompt lost. */
  async condition(words: Words, onNotice?: OnNotice): Promise<Context> {
    const guided = words.scale !== 1;
    const texts = [...new Set(guided ? [words.negative, ...words.prompts] : words.prompts)];
    const chunks = texts.map((text) => this.#chunksOf(text, words.syntax, onNotice));
    // All rows of a batch have the same length: short ones say nothing for the rest.
    const length = Math.max(...chunks.map((own) => own.length));
    const nothing = this.#plainChunk('').chunk;
    const embeddings = new Map<string, Tensor>();
    for (const [i, text] of texts.entries()) {
      const padding = Array<Chunk>(length - chunks[i]!.length).fill(nothing);
      embeddings.set(text, await this.#embed([...chunks[i]!, ...padding], words.clipSkip));
    }
    const rows = (of: readonly string[]) => stacked(of.map((text) => embeddings.get(text)!));
    const cond = rows(words.prompts);
    return guided ? { cond, uncond: rows(words.prompts.map(() => words.negative)) } : { cond };
  }

  #chunksOf(text: string, syntax: Words['syntax'], onNotice?: OnNotice): Chunk[] {
    if (syntax === 'weighted') return chunksOf(this.#tokenizer, parsePrompt(text), this.#maxTokens);
    const { chunk, cut } = this.#plainChunk(text);
    const limit = this.#maxTokens - 2;
    if (cut) {
      onNotice?.(`The prompt is longer than the ${limit} tokens that the model reads. Left out: "${cut}"`, {
        code: 'promptCut',
        values: { limit, cut },
      });
    }
    return [chunk];
  }

  #plainChunk(text: string): { chunk: Chunk; cut: string } {
    const { ids, cut } = this.#tokenizer.tokenize(text, this.#maxTokens);
    return { chunk: { ids, weights: new Float32Array(ids.length).fill(1) }, cut };
  }

  /** One text's chunks to [1, chunks * maxTokens, width], weights applied. */
  async #embed(chunks: readonly Chunk[], clipSkip: number): Promise<Tensor> {
    const ids = new Int32Array(chunks.length * this.#maxTokens);
    chunks.forEach((chunk, i) => {
      ids.set(chunk.ids, i * this.#maxTokens);
    });
    const stray = ids.find((id) => id >= this.#vocabSize);
    if (stray !== undefined) {
      throw new CheckpointError(
        `The tokenizer has a token ${stray}, but the text encoder knows only ${this.#vocabSize}: they belong to different models. Leave "${this.#tokenizer.nameOf(stray)}" out of the prompt, or use the tokenizer and text_encoder of one model.`,
      );
    }
    const { data, shape } = await this.#networks.encodeText(ids, chunks.length, clipSkip);
    const width = shape[2]!;
    const size = this.#maxTokens * width;
    const weighted = data.slice();
    chunks.forEach(({ weights }, i) => {
      applyWeights(weighted.subarray(i * size, (i + 1) * size), weights, width);
    });
    return { data: weighted, shape: [1, chunks.length * this.#maxTokens, width] };
  }
}

/** [1, tokens, width] each to [rows, tokens, width]. */
function stacked(rows: readonly Tensor[]): Tensor {
  const [first] = rows as [Tensor, ...Tensor[]];
  const data = new Float32Array(first.data.length * rows.length);
  rows.forEach((row, i) => {
    data.set(row.data, i * first.data.length);
  });
  return { data, shape: [rows.length, ...first.shape.slice(1)] };
}
