import { setImmediate as breathe } from 'node:timers/promises';
import type { Model } from '../../engine/model.js';
import { passOf } from '../../engine/pipeline/request.js';
import { samplerNamed } from '../../engine/samplers/names.js';
import { promptLength } from '../../engine/text/prompt-length.js';
import type { Pass } from '../../engine/text/schedule.js';
import { textsOf, timedNegative } from '../../engine/text/texts.js';
import type { Tokenizer } from '../../engine/text/tokenizer.js';
import type { PaintRequest, SingleRequest } from '../request/paint-request.js';
import { picturesOf } from '../request/varied.js';
import { Refusal } from '../text/refusal.js';
import { BlockedWords } from './blocked-words.js';

/** Most chunks of the text encoder's length in a prompt. */
const CHUNKS = 3;

/** Most texts that a request's prompts become while they are painted: words that change at every step are that many. */
const MAX_TEXTS = 300;

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
 * Checks all prompts of a request, and the negative one, for their number of tokens and for blocked words, whatever they
 * become while they are painted. Their length is limited beforehand (`MAX_WORDS`), and it yields to the event loop after
 * each.
 *
 * @throws Refusal; RequestError for a malformed tag, or too many prompts joined by AND.
 */
export async function checkWords(
  { tokenizer, model }: Reader,
  words: readonly string[],
  request: PaintRequest,
): Promise<void> {
  const pictures = picturesOf(request);
  const prompts = texts(pictures, ({ prompt }, pass) => textsOf(prompt, pass));
  const negatives = texts(pictures, ({ negative }, pass) => timedNegative(negative, pass).map(({ text }) => text));
  const limit = tokenLimit(model);
  for (const [of, text] of [
    ...prompts.map((text) => ['prompt', text]),
    ...negatives.map((text) => ['negative', text]),
  ]) {
    const tokens = promptLength(tokenizer, text!);
    if (tokens > limit) {
      const cut = tokenizer.decode(tokenizer.encode(text!).slice(limit));
      throw new Refusal(of!, { tokens, limit, cut });
    }
    await breathe();
  }
  const blocked = new BlockedWords(words);
  // Including the prompts as they were typed, because the result shows them, and the tags that texts are without.
  const typed = pictures.flatMap(({ prompt, negative }) => [prompt, negative]);
  for (const text of new Set([request.prompt, request.negative, ...typed, ...prompts, ...negatives])) {
    const word = blocked.in(text);
    if (word !== undefined) throw new Refusal('words', { word });
    await breathe();
  }
}

/** Of all pictures, each once, the longest first: most that are too long are found at once. @throws Refusal */
function texts(pictures: readonly SingleRequest[], of: (picture: SingleRequest, pass: Pass) => string[]): string[] {
  const found = new Set<string>();
  for (const picture of pictures) {
    const sampler = samplerNamed(picture.sampler)?.sampler ?? 'ddim';
    for (const text of of(picture, passOf(sampler, picture.steps, picture.kind === 'upscale'))) found.add(text);
    if (found.size > MAX_TEXTS) throw new Refusal('tooManyTexts', { limit: MAX_TEXTS });
  }
  return [...found].sort((a, b) => b.length - a.length);
}
