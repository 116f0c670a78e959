import type { ModelCard } from '../../engine/model.js';
import { lengthOf } from '../text/cut.js';

/** Discord's limit for what is chosen from suggestions; longer prompts are typed without. */
const LONGEST = 100;
const SHOWN = 25;

/**
 * What a prompt could become: the things that a model knows whose names begin with the last words. What was typed comes
 * first, so that whoever pays no heed to the suggestions gets just that.
 */
export function completions({ knows = [], examples }: Pick<ModelCard, 'knows' | 'examples'>, typed: string): string[] {
  const text = typed.trimStart();
  if (text === '') return examples.slice(0, SHOWN);
  // Nothing that begins so would be taken, however much there is to look through.
  if (text.length > LONGEST) return [];
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
