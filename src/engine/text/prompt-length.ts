import { parsePrompt } from './prompt.js';
import type { Tokenizer } from './tokenizer.js';

/** Tokens of a prompt, its marks, begin and end not counted: so that a prompt can be refused before it is queued. */
export function promptLength(tokenizer: Tokenizer, prompt: string): number {
  const { blocks } = parsePrompt(prompt);
  return blocks.flat().reduce((count, { text }) => count + tokenizer.encode(text).length, 0);
}
