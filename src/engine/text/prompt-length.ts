import { parsePrompt } from './prompt.js';
import type { Tokenizer } from './tokenizer.js';

/** Tokens of a prompt, its marks, begin and end not counted: what a person is told before they wait in a queue. */
export function promptLength(tokenizer: Tokenizer, prompt: string): number {
  const { blocks } = parsePrompt(prompt);
  return blocks.flat().reduce((count, { text }) => count + tokenizer.encode(text).length, 0);
}
