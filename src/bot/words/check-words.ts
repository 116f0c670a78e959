import { setImmediate as breathe } from 'node:timers/promises';
import type { Model } from '../../engine/model.js';
import { passOf } from '../../engine/pipeline/request.js';
import { samplerNamed } from '../../engine/samplers/names.js';
import { SAMPLERS } from '../../engine/samplers/table.js';
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
export async function checkWords(reader: Reader, words: readonly string[], request: PaintRequest): Promise<void> {
  const read = readingOf(request);
  for (const [of, text] of [
    ...read.prompts.map((text) => ['prompt', text] as const),
    ...read.negatives.map((text) => ['negative', text] as const),
  ]) {
    checkTokens(reader, of, text);
    await breathe();
  }
  for await (const word of refusedAmong(new BlockedWords(words), read.all)) throw new Refusal('words', { word });
}

/** @throws Refusal if a text has too many tokens; RequestError for a malformed tag. */
export function checkTokens({ tokenizer, model }: Reader, of: 'prompt' | 'negative', text: string): void {
  const limit = tokenLimit(model);
  const tokens = promptLength(tokenizer, text);
  if (tokens <= limit) return;
  throw new Refusal(of, { tokens, limit, cut: tokenizer.decode(tokenizer.encode(text).slice(limit)) });
}

/**
 * Which words of a list are in what a request paints, whatever it becomes while it is painted. This is the only
 * place that decides it, for requests and for trying out the list. It yields to the event loop after each text.
 *
 * @throws as {@link checkWords}.
 */
export function refusedIn(blocked: BlockedWords, request: PaintRequest): AsyncGenerator<string> {
  return refusedAmong(blocked, readingOf(request).all);
}

async function* refusedAmong(blocked: BlockedWords, texts: readonly string[]): AsyncGenerator<string> {
  const found = new Set<string>();
  for (const text of new Set(texts)) {
    for (const word of blocked.allIn(text)) {
      if (!found.has(word)) yield word;
      found.add(word);
    }
    await breathe();
  }
}

/** All texts that are painted and, in `all`, those that are only shown as well. @throws Refusal for too many. */
function readingOf(request: PaintRequest) {
  const pictures = picturesOf(request);
  const prompts = texts(pictures, ({ prompt }, pass) => textsOf(prompt, pass));
  const negatives = texts(pictures, ({ negative }, pass) => timedNegative(negative, pass).map(({ text }) => text));
  // Including the prompts as they were typed, because the result shows them, and the tags that texts are without.
  const typed = pictures.flatMap(({ prompt, negative }) => [prompt, negative]);
  return { prompts, negatives, all: [request.prompt, request.negative, ...typed, ...prompts, ...negatives] };
}

/** Of all pictures, each once, the longest first: most that are too long are found at once. @throws Refusal */
function texts(pictures: readonly SingleRequest[], of: (picture: SingleRequest, pass: Pass) => string[]): string[] {
  const found = new Set<string>();
  for (const picture of pictures) {
    const sampler = samplerNamed(picture.sampler)?.sampler ?? 'ddim';
    for (const text of of(picture, passOf(SAMPLERS[sampler], picture.steps, picture.kind === 'upscale')))
      found.add(text);
    if (found.size > MAX_TEXTS) throw new Refusal('tooManyTexts', { limit: MAX_TEXTS });
  }
  return [...found].sort((a, b) => b.length - a.length);
}
