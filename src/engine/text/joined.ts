import { RequestError } from '../errors.js';

/** A prompt of its own among those that AND joins, and how much it counts beside the others. */
export interface SubPrompt {
  readonly text: string;
  readonly weight: number;
}

/** Prompts that can be joined: each is a run of the noise predictor at every step. */
export const MAX_JOINED = 8;

const AND = /\bAND\b/;
const WEIGHT = /\s*:\s*([-+]?(?:\d+\.?|\d*\.\d+))\s*$/;

/**
 * Composable diffusion (Liu et al. 2022, arXiv:2206.01714) as AUTOMATIC1111 writes it: `a cat :1.2 AND a dog AND rain :0.5`.
 * Without AND, a number at the end belongs to the words: `16:9` is no weight.
 *
 * @throws RequestError if there are too many.
 */
export function subPromptsOf(prompt: string): SubPrompt[] {
  const texts = prompt.split(AND);
  if (texts.length === 1) return [{ text: prompt, weight: 1 }];
  if (texts.length > MAX_JOINED) {
    throw new RequestError(
      `AND joins ${texts.length} prompts here, and at most ${MAX_JOINED} can be joined: leave some out, or write "and" for the word.`,
      { meaning: { code: 'tooManyJoined', values: { count: texts.length, limit: MAX_JOINED } } },
    );
  }
  return texts.map((text) => {
    const weight = WEIGHT.exec(text);
    return weight
      ? { text: text.slice(0, weight.index), weight: Number(weight[1]) }
      : { text: text.trimEnd(), weight: 1 };
  });
}

/** How many prompts are joined, of a prompt that may be refused yet. */
export function joinedIn(prompt: string): number {
  return Math.min(prompt.split(AND).length, MAX_JOINED);
}
