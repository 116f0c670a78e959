import { expect, test } from 'vitest';
import { completions } from '../../../src/bot/interactions/complete.js';

const card = { knows: ['cat', 'castle', 'hot dog', 'red apple'], examples: ['a red apple', 'a fox'] };

test.each([
  ['', ['a red apple', 'a fox']],
  ['a ca', ['a ca', 'a cat', 'a castle']],
  ['two cats and a HOT D', ['two cats and a HOT D', 'two cats and a hot dog']],
  ['a red', ['a red', 'a red apple']],
  ['a cat', ['a cat']],
  ['something else', ['something else']],
])('"%s" may become %j', (typed, suggested) => {
  expect(completions(card, typed)).toEqual(suggested);
});

test('what was typed stands first, and nothing is longer than Discord takes', () => {
  const typed = `${'a cat and '.repeat(9)}a ca`;
  expect(completions(card, typed)).toEqual([typed, `${typed}t`, `${typed}stle`].filter(({ length }) => length <= 100));
  expect(completions(card, 'x'.repeat(101))).toEqual([]);
  const apples = `${'🍎'.repeat(60)} a ca`;
  expect(completions(card, apples)).toEqual([apples, `${apples}t`, `${apples}stle`]);
});
