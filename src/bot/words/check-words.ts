import { setImmediate as breathe } from 'node:timers/promises';
import type { Model } from '../../engine/model.js';
import { promptLength } from '../../engine/text/prompt-length.js';
import type { Tokenizer } from '../../engine/text/tokenizer.js';
import type { PaintRequest } from '../request/paint-request.js';
import { picturesOf } from '../request/varied.js';
import { Refusal } from '../text/refusal.js';
import { BlockedWords } from './blocked-words.js';

/** Most chunks of the text encoder's length in a prompt. */
const CHUNKS = 3;

/** Most tokens in a prompt, without start and end tokens. */
export function tokenLimit({ maxTokens }: Pick<Model, 'maxTokens'>): number {
  return CHUNKS * (maxTokens - 2);
}

/** What reading a prompt needs. */
interface Reader {
  readonly tokenizer: Tokenizer;
  readonly model: Pick<Model, 'maxTokens'>;
}

/**
 * Checks all prompts of a request, and the negative one, for their number of tokens and for blocked words. Their length
 * is limited beforehand (`MAX_WORDS`), and it yields to the event loop after each.
 *
 * @throws Refusal; RequestError for a malformed tag.
 */
export async function checkWords(
  { tokenizer, model }: Reader,
  words: readonly string[],
  request: PaintRequest,
): Promise<void> {
  // The longest first: most that are too long are found at once.
  const prompts = [...new Set(picturesOf(request).map(({ prompt }) => prompt))].sort((a, b) => b.length - a.length);
  const limit = tokenLimit(model);
  const texts = [...prompts.map((text) => ['prompt', text] as const), ['negative', request.negative] as const];
  for (const [of, text] of texts) {
    const tokens = promptLength(tokenizer, text);
    if (tokens > limit) {
      const cut = tokenizer.decode(tokenizer.encode(text).slice(limit));
      throw new Refusal(of, { tokens, limit, cut });
    }
    await breathe();
  }
  const blocked = new BlockedWords(words);
  // Including the prompt as it was typed, because the result shows it with all its alternatives.
  for (const text of new Set([request.prompt, ...prompts, request.negative])) {
    const word = blocked.in(text);
    if (word !== undefined) throw new Refusal('words', { word });
    await breathe();
  }
}
