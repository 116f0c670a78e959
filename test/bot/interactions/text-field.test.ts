import { expect, test } from 'vitest';
import { numberField, wordsField } from '../../../src/bot/interactions/text-field.js';
import { MAX_WORDS } from '../../../src/bot/request/bounds.js';

test('a form shows the longest prompt that a request may have as it is, and takes it back', () => {
  const prompt = 'a red fox '.repeat(MAX_WORDS / 10);
  expect(wordsField('prompt', prompt).toJSON()).toMatchObject({ value: prompt, max_length: MAX_WORDS });
});

test('what a form shows is never longer than what it takes, or Discord refuses it', () => {
  const longest = String(0.000001234567890123456);
  for (const { value, max_length: most } of [
    wordsField('prompt', 'x'.repeat(MAX_WORDS + 1)).toJSON(),
    numberField('scale', longest).toJSON(),
  ]) {
    expect(value!.length).toBeLessThanOrEqual(most!);
  }
  expect(numberField('scale', longest).toJSON().value).toBe(longest);
});
