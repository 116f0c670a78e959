import { describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { unknownNotice, unknownWords } from '../../../src/engine/text/known-things.js';

const { card } = await openModel(EMBEDDED_MODEL);

describe('the embedded model knows every word of', () => {
  test.each([
    ...[
      '',
      'a red apple',
      'Two CATS',
      'an icon of a dinosaur',
      'a dog at the bottom of the sea',
      'three foxes',
      'the red',
    ],
    ...[
      'a penguin on a light blue background',
      'four strawberries',
      'two wolves',
      'a robot’s crown',
      'a T-Rex',
      '3 cats',
    ],
    ...[
      'a cute 3d icon of a robot',
      'woman fairy',
      'a treasure chest',
      'glasses',
      'a smiling face with sunglasses',
      'cookies',
    ],
  ])('%j', (prompt) => {
    expect(unknownWords(card, prompt)).toEqual([]);
  });

  test('its own examples, and all that it says it knows', () => {
    for (const prompt of [...card.examples, ...card.knows!]) expect(unknownWords(card, prompt), prompt).toEqual([]);
  });
});

describe('the words that it does not know are named, and no others', () => {
  test.each([
    ['a portrait of a senator', ['portrait', 'senator']],
    ['robot overlooking a horse', ['overlooking']],
    ['a cat in a cathedral', ['cathedral']],
    ['a dystopian boulevard at a canyon, a canyon', ['dystopian', 'boulevard', 'canyon']],
    ['Ada Lovelace with a red apple', ['ada', 'lovelace']],
    ['ein roter Apfel', ['ein', 'roter', 'apfel']],
    ['赤いリンゴ', ['赤いリンゴ']],
    ['7 frogs', ['7']],
    ['🦊 in the forest', ['🦊']],
  ])('%j', (prompt, unknown) => {
    expect(unknownWords(card, prompt)).toEqual(unknown);
  });
});

test('not all of many are named', () => {
  const [text, meaning] = unknownNotice(card, 'bcdfghjklm'.split(''));
  expect(meaning?.values.words).toBe('b, c, d, f, g, h, j, k, …');
  expect(text).toContain(card.examples[0]);
  // Most words that it does not know change nothing (its README).
  expect(text).toContain('may leave out: b, c');
});

test('a model without a list gets no notice', () => {
  expect(unknownWords({ ...card, knows: undefined }, 'zyzzyva')).toEqual([]);
});
