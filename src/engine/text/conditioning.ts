import type { Model } from '../model.js';
import type { Networks, Tensor } from '../networks.js';
import { Tokenizer } from './tokenizer.js';

/** What the UNet attends to: [rows, tokens, width]. */
export interface Context {
  readonly cond: Tensor;
  /** The negative prompt's, for guidance; null where there is none. */
  readonly uncond: Tensor | null;
}

/** What to condition on; the pipelines' plan has it all. */
export interface ConditioningRequest {
  /** One a row. */
  readonly prompts: readonly string[];
  readonly negative: string;
  readonly scale: number;
  readonly syntax: 'plain' | 'weighted';
  readonly clipSkip: number;
}

/** Turns prompts into context. */
export class Conditioner {
  private constructor(
    private readonly tokenizer: Tokenizer,
    private readonly maxTokens: number,
    private readonly networks: Networks,
  ) {}

  static async open(model: Model, networks: Networks): Promise<Conditioner> {
    return new Conditioner(await Tokenizer.open(model.tokenizer), model.maxTokens, networks);
  }

  /** Without a negative side when the scale is exactly 1, as in the reference. */
  async condition(request: ConditioningRequest, onNotice?: (notice: string) => void): Promise<Context> {
    const rows = request.prompts.length;
    const cond = await this.#encode(request.prompts, request.clipSkip, onNotice);
    if (request.scale === 1) return { cond, uncond: null };
    const negatives = Array<string>(rows).fill(request.negative);
    return { cond, uncond: await this.#encode(negatives, request.clipSkip, onNotice) };
  }

  #encode(prompts: readonly string[], clipSkip: number, onNotice?: (notice: string) => void): Promise<Tensor> {
    const ids = new Int32Array(prompts.length * this.maxTokens);
    const told = new Set<string>();
    prompts.forEach((prompt, row) => {
      const tokens = this.tokenizer.tokenize(prompt, this.maxTokens);
      ids.set(tokens.ids, row * this.maxTokens);
      if (tokens.cut && !told.has(tokens.cut)) {
        onNotice?.(`The prompt is longer than ${this.maxTokens - 2} tokens. This part was left out: ${tokens.cut}`);
        told.add(tokens.cut);
      }
    });
    return this.networks.encodeText(ids, prompts.length, clipSkip);
  }
}
