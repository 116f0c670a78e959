import { chunksOf } from './chunks.js';
import { parsePrompt } from './prompt.js';
import type { Tokenizer } from './tokenizer.js';

export interface PromptLength {
  /** Begin and end not counted. */
  readonly tokens: number;
  /** Tokens that fit. */
  readonly room: number;
  /** The end of the text that the model would not read; always empty for weighted prompts, which get more chunks. */
  readonly cut: string;
}

/** How long a prompt is for a model, without running it: what a person is told before they wait in a queue. */
export function promptLength(
  tokenizer: Tokenizer,
  maxTokens: number,
  prompt: string,
  syntax: 'plain' | 'weighted',
): PromptLength {
  if (syntax === 'plain') {
    const { cut } = tokenizer.tokenize(prompt, maxTokens);
    return { tokens: tokenizer.encode(prompt).length, room: maxTokens - 2, cut };
  }
  const parsed = parsePrompt(prompt);
  const tokens = parsed.blocks.flat().reduce((count, { text }) => count + tokenizer.encode(text).length, 0);
  return { tokens, room: chunksOf(tokenizer, parsed, maxTokens).length * (maxTokens - 2), cut: '' };
}
