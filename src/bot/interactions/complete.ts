import type { ModelCard } from '../../engine/model.js';
import { lengthOf } from '../text/cut.js';

/** Discord's limit for choices; longer prompts get no suggestions. */
const LONGEST = 100;
const SHOWN = 25;

/**
 * Completions of a prompt: things that the model knows whose names start with the last words. The typed text comes
 * first, so that ignoring the suggestions sends exactly that.
 */
export function completions({ knows = [], examples }: Pick<ModelCard, 'knows' | 'examples'>, typed: string): string[] {
  const text = typed.trimStart();
  if (text === '') return examples.slice(0, SHOWN);
  // No suggestion would fit into a choice.
  if (lengthOf(text) > LONGEST) return [];
  const lower = text.toLowerCase();
  const starts = [...lower.matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)].map(({ index }) => index);
  const found = starts.flatMap((start) => {
    const words = lower.slice(start);
    return knows
      .filter((thing) => thing.length > words.length && thing.toLowerCase().startsWith(words))
      .map((thing) => text.slice(0, start) + thing);
  });
  return [...new Set([text, ...found])].filter((one) => lengthOf(one) <= LONGEST).slice(0, SHOWN);
}
