import { malformed, shown, wholeInRange } from '../check.js';
import type { Tensor } from '../networks.js';
import { allFinite } from '../numbers.js';
import type { Generator } from '../random/generator.js';
import { randomSeed } from '../random/seed.js';
import { repeatRows } from './repeat-rows.js';

/** Pictures per call: beyond, memory runs out. */
export const MAX_PICTURES = 64;

/** What is each picture's own. */
export interface Rows {
  /** Empty texts where there are only embeddings. */
  readonly prompts: readonly string[];
  readonly negatives: readonly string[];
  /** Null where everything is drawn from one generator. */
  readonly seeds: readonly number[] | null;
  /** [rows, tokens, width] each. */
  readonly promptEmbeddings?: Tensor;
  readonly negativeEmbeddings?: Tensor;
}

/** AUTOMATIC1111's variation seed: another seed's noise is mixed into the one that a picture begins with. */
export interface Variation {
  /** Picture k gets the noise of seed + k. 0..2^32-1; random by default. */
  seed?: number | undefined;
  /** 0 is the picture without it, 1 the other seed's. */
  strength: number;
}

export interface RowsRequest {
  /** One for all pictures, or one per picture. Needed unless there are `promptEmbeddings`. */
  prompt?: string | readonly string[] | undefined;
  /** What guidance steers away from; empty by default. One for all pictures, or one per picture. */
  negative?: string | readonly string[] | undefined;
  /**
   * What the noise predictor is told instead of the prompt, [1 or pictures, tokens, width]: see StableDiffusion.encodePrompt;
   * diffusers' `prompt_embeds`. A prompt beside it only names LoRAs, and is recorded with the picture.
   */
  promptEmbeddings?: Tensor | undefined;
  /** The same instead of the negative prompt, with as many tokens; diffusers' `negative_prompt_embeds`. */
  negativeEmbeddings?: Tensor | undefined;
  /** Pictures painted together, 1..64; as many as there are prompts, negative prompts, seeds or embeddings when there are several. */
  count?: number | undefined;
  /**
   * Picture k is painted from seed + k, so that each can be painted again alone; or a seed for each picture. 0..2^32-1; random by
   * default.
   */
  seed?: number | readonly number[] | undefined;
  /** Draws everything for all pictures in one stream, as the reference scripts do; replaces `seed`. */
  generator?: Generator | undefined;
  /** Pictures that differ a little from the one of `seed`, which all of them then have. */
  variation?: Variation | undefined;
}

/**
 * Whatever is given as a list has one for each picture, or there is one for all of them.
 *
 * @throws RequestError if lists have different lengths, or with what is wrong in one.
 */
export function rowsOf(request: RowsRequest, width: number | undefined): Rows {
  const { promptEmbeddings, negativeEmbeddings } = request;
  const prompt = request.prompt ?? (promptEmbeddings ? '' : undefined);
  if (prompt === undefined)
    throw malformed('prompt', `must be a text, or a list of 1 to ${MAX_PICTURES} texts, got undefined.`);
  const negative = request.negative ?? '';
  const embedded = { promptEmbeddings, negativeEmbeddings };
  for (const [name, tensor] of Object.entries(embedded)) if (tensor) checkEmbeddings(name, tensor, width);
  const rows = (tensor: Tensor | undefined) => (tensor && tensor.shape[0] !== 1 ? tensor.shape[0] : undefined);
  const listed = (value: unknown) => (Array.isArray(value) ? value.length : undefined);

  const count = countOf(request.count, {
    prompts: listed(prompt),
    'negative prompts': listed(negative),
    seeds: request.generator ? undefined : listed(request.seed),
    'rows of promptEmbeddings': rows(promptEmbeddings),
    'rows of negativeEmbeddings': rows(negativeEmbeddings),
  });
  const each = (texts: string | readonly string[]) =>
    typeof texts === 'string' ? Array<string>(count).fill(texts) : texts;
  return {
    prompts: each(prompt),
    negatives: each(negative),
    seeds: request.generator ? null : seedsOf(request, count),
    ...(promptEmbeddings && { promptEmbeddings: forEach(promptEmbeddings, count) }),
    ...(negativeEmbeddings && { negativeEmbeddings: forEach(negativeEmbeddings, count) }),
  };
}

/** @param lists how many each has, by what they are called. */
function countOf(asked: number | undefined, lists: Readonly<Record<string, number | undefined>>): number {
  let [count, first] = [asked ?? 1, ''];
  for (const [name, length] of Object.entries(lists)) {
    if (length === undefined) continue;
    wholeInRange('count', length, 1, MAX_PICTURES);
    if (asked !== undefined && asked !== length) {
      throw malformed('count', `is ${asked} but there are ${length} ${name}: leave count out.`);
    }
    if (first && count !== length) {
      throw malformed(
        name,
        `are ${length}, but there are ${count} ${first}: give one for each picture, or one for all.`,
      );
    }
    [count, first] = [length, name];
  }
  return wholeInRange('count', count, 1, MAX_PICTURES);
}

/** Picture k of one seed has seed + k; variations of one picture all have its seed. */
function seedsOf({ seed = randomSeed(), variation }: RowsRequest, count: number): readonly number[] {
  if (typeof seed !== 'number') return seed;
  const apart = variation && variation.strength !== 0 ? 0 : 1;
  return Array.from({ length: count }, (_, k) => (seed + apart * k) % 2 ** 32);
}

/** @param width of the text encoder, where it is known. */
function checkEmbeddings(name: string, { data, shape }: Tensor, width: number | undefined): void {
  const [rows = 0, tokens = 0, own] = shape ?? [];
  const fits = shape?.length === 3 && rows > 0 && tokens > 0 && own === (width ?? own);
  const wanted = `[1 or pictures, tokens, ${width ?? 'width'}]`;
  if (!fits) throw malformed(name, `must have the shape ${wanted}, got ${shown(shape && `[${shape.join(', ')}]`)}.`);
  if (!(data instanceof Float32Array) || data.length !== rows * tokens * own!) {
    throw malformed(name, `must be a Float32Array of ${rows * tokens * own!} numbers, as its shape says.`);
  }
  if (!allFinite(data)) throw malformed(name, 'holds NaN or infinity.');
}

function forEach(tensor: Tensor, count: number): Tensor {
  return tensor.shape[0] === count ? tensor : repeatRows(tensor, count);
}
