import { expect, test } from 'vitest';
import { problemOf } from '../../src/discord/page/modal-input.js';
import { Component } from '../../src/discord/page/numbers.js';

const words = { type: Component.TextInput, custom_id: 'words', min_length: 2, max_length: 10 };

test.each([
  ['🍎'.repeat(10), null],
  ['🍎'.repeat(11), 'Must be at most 10 characters; this is 11'],
  ['🍎', 'Must be at least 2 characters'],
  ['', 'This field is required'],
])('what was typed into a form is counted as Discord counts it: %j', (typed, problem) => {
  expect(problemOf(words, typed)).toBe(problem);
});
