import { expect, test } from 'vitest';
import { operatorWords } from '../../../src/bot/words/operator-words.js';

test('a list has one entry between two commas or on each line', () => {
  expect(operatorWords({ blockedWords: ' Clown, big  top ,,gun*\n*gun*\nclown' })).toEqual([
    'clown',
    'big  top',
    'gun*',
    '*gun*',
  ]);
  expect(operatorWords({ blockedWords: '' })).toEqual([]);
});

test('an entry that would refuse nearly everything stops the start, and is named', () => {
  expect(() => operatorWords({ blockedWords: 'clown, a*' })).toThrow('BLOCKED_WORDS has "a*"');
});
