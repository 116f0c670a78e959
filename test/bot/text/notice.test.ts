import { expect, test } from 'vitest';
import { joinedUnknown } from '../../../src/bot/text/notice.js';
import { unknownNotice } from '../../../src/engine/text/known-things.js';

const unknown = (name: string, ...words: string[]) => {
  const [text, meaning] = unknownNotice({ name, examples: ['an apple'] } as never, words);
  return { text, meaning };
};

test('words that a model does not know are named once, whichever of the pictures they are for', () => {
  const other = { text: 'Something else.' };
  const told = [unknown('a', 'snow', 'ice'), other, unknown('a', 'ice', 'fog'), unknown('b', 'ice')];
  const joined = joinedUnknown(told);
  expect(joined.map(({ meaning }) => meaning?.values.words)).toEqual(['snow, ice, fog', undefined, 'ice']);
});

test('the sign for more words stays the last', () => {
  const many = Array.from({ length: 30 }, (_, k) => `w${k}`);
  const [joined] = joinedUnknown([unknown('a', ...many), unknown('a', 'fog')]);
  expect(joined!.meaning!.values.words).toMatch(/, fog, …$/);
});
