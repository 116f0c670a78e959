import type { OnNotice } from '../meaning.js';
import type { ModelCard } from '../model.js';

/** Words that name nothing. */
const EMPTY = new Set([
  'a',
  'an',
  'and',
  'in',
  'of',
  'on',
  'the',
  'to',
  'with',
  'next',
  'face',
  'sign',
  'button',
  'red',
  'blue',
  'green',
  'white',
  'black',
]);

/** Whether a prompt names anything that the model knows; always so for a model that has no list, and for no prompt at all. */
export function knowsAny({ knows }: ModelCard, prompt: string): boolean {
  if (!knows || prompt.trim() === '') return true;
  const known = new Set(knows.flatMap(wordsOf));
  return wordsOf(prompt).some((word) => known.has(word));
}

/** A notice for a prompt that asks for something else. */
export function strangeNotice({ name, examples }: ModelCard, prompt: string): Parameters<OnNotice> {
  const short = prompt.length > 60 ? `${prompt.slice(0, 59)}…` : prompt;
  const some = examples.slice(0, 4).join(', ');
  return [
    `${name} knows none of the words in "${short}" and paints something of its own. Try: ${some}.`,
    { code: 'unknownWords', values: { model: name, prompt: short, examples: some } },
  ];
}

/** Lower case, without the plural's s, so that "two cats" is about a cat. */
function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words
    .filter((word) => !EMPTY.has(word))
    .map((word) => (word.length > 3 ? word.replace(/(?<!s)s$/, '') : word));
}
