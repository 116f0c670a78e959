import { malformed } from '../check.js';
import { CheckpointError } from '../errors.js';
import type { OnNotice } from '../meaning.js';
import type { Model } from '../model.js';
import type { Networks, Tensor } from '../networks.js';
import { Recent } from '../runtime/recent.js';
import { type Chunk, chunksOf } from './chunks.js';
import { applyWeights } from './emphasis.js';
import { openTokenizer } from './open-tokenizer.js';
import { parsePrompt } from './prompt.js';
import { type Pass, type Phase, phaseAt } from './schedule.js';
import { timedNegative, timedPrompts } from './texts.js';
import type { Tokenizer } from './tokenizer.js';

/** What the noise predictor listens to at a call: [rows, tokens, width] each, of the same shape. */
export interface Context {
  /** Of the prompts, or of the first that AND joins in each. */
  readonly cond: Tensor;
  /** Absent at a guidance scale of exactly 1, where the negative prompt has no effect. */
  readonly uncond?: Tensor;
  /** Where AND joins prompts. */
  readonly joined?: Joined;
}

export interface Joined {
  /** What AND joins to `cond`. */
  readonly others: readonly Tensor[];
  /** Of `cond` and of each other one, for each row. A row with fewer prompts has weights of 0. */
  readonly weights: readonly (readonly number[])[];
}

/** What the noise predictor listens to through a run. */
export interface Conditions {
  /** At a call of it, from 0; the same object for the same words, as long as they return soon. */
  at(call: number): Promise<Context>;
}

export interface Words {
  /** One per row, as is each of the following. */
  readonly prompts: readonly string[];
  readonly negatives: readonly string[];
  /** What the prompts and the negative prompts are in the end, if that is known: [rows, tokens, width]; the texts are not read then. */
  readonly promptEmbeddings?: Tensor | undefined;
  readonly negativeEmbeddings?: Tensor | undefined;
  readonly scale: number;
  /** The model reads the guidance scale, and is not guided again (LCM, Luo et al. 2023). */
  readonly readsScale?: boolean;
  /** `plain` takes the text literally and cuts it at the model's tokens; `weighted` is AUTOMATIC1111's syntax. */
  readonly syntax: 'plain' | 'weighted';
  /** 1 takes the text encoder's last layer, n the n-th from the end. */
  readonly clipSkip: number;
  /** Of the sampler: words of `weighted` prompts may change. */
  readonly pass: Pass;
}

/** What is kept of words that change, in case they come back: there may be others at every call. */
const KEPT_TEXTS = 64;
const KEPT_CONTEXTS = 16;

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

  /** @param onNotice gets the part that a plain prompt lost. @throws RequestError if AND joins too many prompts. */
  async condition(words: Words, onNotice?: OnNotice): Promise<Conditions> {
    const { promptEmbeddings, negativeEmbeddings } = words;
    const { timed, negatives } = read(words);
    const most = Math.max(...timed.map(({ length }) => length));
    const guided = !words.readsScale && (words.scale !== 1 || most > 1);
    const phases = [
      ...(guided && !negativeEmbeddings ? negatives : []),
      ...(promptEmbeddings ? [] : timed.flat().map(({ phases }) => phases)),
    ];
    const texts = [...new Set(phases.flatMap((own) => own.map(({ text }) => text)))];
    const chunks = texts.map((text) => this.#chunksOf(text, words.syntax, onNotice));
    // All rows of a batch have the same length: short ones say nothing for the rest.
    const given = [promptEmbeddings, guided ? negativeEmbeddings : undefined].flatMap((one) => one?.shape[1] ?? []);
    const length = this.#lengthBeside(given, Math.max(0, ...chunks.map((own) => own.length)));
    const nothing = this.#plainChunk('').chunk;
    const spoken = new Map(
      texts.map((text, i) => [text, [...chunks[i]!, ...Array<Chunk>(length - chunks[i]!.length).fill(nothing)]]),
    );
    const embeddings = new Recent<Tensor>(KEPT_TEXTS);
    const rows = async (of: readonly string[]) => {
      const each: Tensor[] = [];
      for (const text of of) {
        each.push(await embeddings.get(text, () => this.#embed(spoken.get(text)!, words.clipSkip)));
      }
      return stacked(each);
    };
    const weights = Array.from({ length: most }, (_, k) => timed.map((row) => row[k]?.weight ?? 0));
    const contexts = new Recent<Context>(KEPT_CONTEXTS);
    const at = (call: number) => {
      const against = negatives.map((phases) => phaseAt(phases, call).text);
      // A row with fewer prompts repeats its first, which then counts for nothing.
      const said = Array.from({ length: most }, (_, k) =>
        timed.map((row) => phaseAt((row[k] ?? row[0]!).phases, call).text),
      );
      return contexts.get(JSON.stringify([against, said]), async () => {
        const uncond = guided && (negativeEmbeddings ?? (await rows(against)));
        const cond = promptEmbeddings ?? (await rows(said[0]!));
        const others: Tensor[] = [];
        for (const texts of said.slice(1)) others.push(await rows(texts));
        return { cond, ...(uncond && { uncond }), ...(most > 1 && { joined: { others, weights } }) };
      });
    };
    // Whatever is wrong with the text encoder shows before anything is painted.
    await at(0);
    return { at };
  }

  /**
   * How many chunks texts have beside embeddings, whose tokens are `given`.
   *
   * @param own what the longest text takes, 0 without texts. @throws RequestError if they cannot be of one length.
   */
  #lengthBeside([tokens, others = tokens]: readonly number[], own: number): number {
    if (tokens === undefined) return own;
    if (tokens !== others) {
      throw malformed('negativeEmbeddings', `has ${others} tokens and promptEmbeddings ${tokens}: both need as many.`);
    }
    const length = tokens / this.#maxTokens;
    if (own === 0 || (Number.isInteger(length) && length >= own)) return length;
    throw malformed(
      'promptEmbeddings or negativeEmbeddings',
      `has ${tokens} tokens, but the text beside it takes ${own * this.#maxTokens}: encode both together.`,
    );
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

/** What is said when: `plain` prompts say one thing all the time. */
function read({ prompts, negatives, promptEmbeddings, syntax, pass }: Words) {
  const always = (text: string): Phase[] => [{ until: pass.calls, text }];
  const weighted = syntax === 'weighted';
  return {
    timed: prompts.map((prompt) =>
      weighted && !promptEmbeddings ? timedPrompts(prompt, pass) : [{ phases: always(prompt), weight: 1 }],
    ),
    negatives: negatives.map((negative) => (weighted ? timedNegative(negative, pass) : always(negative))),
  };
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
