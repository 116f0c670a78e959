import { expect, test } from 'vitest';
import { MAX_JOINED, subPromptsOf } from '../../../src/engine/text/joined.js';
import { textsOf, timedPrompts } from '../../../src/engine/text/texts.js';

test.each([
  ['a cat', [['a cat', 1]]],
  [
    'a cat AND a dog',
    [
      ['a cat', 1],
      [' a dog', 1],
    ],
  ],
  [
    'a cat :1.2 AND a dog AND a penguin :2.2',
    [
      ['a cat', 1.2],
      [' a dog', 1],
      [' a penguin', 2.2],
    ],
  ],
  [
    'a:0 AND b:-.5 AND c :+2. \n',
    [
      ['a', 0],
      [' b', -0.5],
      [' c', 2],
    ],
  ],
  [
    'a:1:2 AND b',
    [
      ['a:1', 2],
      [' b', 1],
    ],
  ],
  [
    'a AND ',
    [
      ['a', 1],
      ['', 1],
    ],
  ],
  // Words.
  ['BRAND and SAND, ANDROID', [['BRAND and SAND, ANDROID', 1]]],
  ['a photo in 16:9', [['a photo in 16:9', 1]]],
])('AND: %j', (prompt, want) => {
  expect(subPromptsOf(prompt).map(({ text, weight }) => [text, weight])).toEqual(want);
});

test('more prompts than can be joined are refused', () => {
  expect(subPromptsOf(Array(MAX_JOINED).fill('a').join(' AND '))).toHaveLength(MAX_JOINED);
  expect(() =>
    subPromptsOf(
      Array(MAX_JOINED + 1)
        .fill('a')
        .join(' AND '),
    ),
  ).toThrow('at most 8');
});

test('AND parts prompts before words change, and LoRAs are no words', () => {
  const timed = timedPrompts('<lora:x|y:1>[a:b:.5] :2 AND [c|d]', { calls: 4 });
  expect(timed.map(({ weight }) => weight)).toEqual([2, 1]);
  expect(timed.map(({ phases }) => phases.map(({ text }) => text))).toEqual([
    ['a', 'b'],
    [' c', ' d', ' c', ' d'],
  ]);
  expect(textsOf('<lora:x|y:1>[a:b:.5] :2 AND [c|d]', { calls: 4 })).toEqual(['a', 'b', ' c', ' d']);
});
