import { expect, test } from 'vitest';
import { howMadeAnswer } from '../../../src/bot/interactions/how-made.js';
import { lengthOf } from '../../../src/bot/text/cut.js';
import { translateFor } from '../../../src/bot/text/i18n.js';

const apples = (count: number) => '🍎'.repeat(count);

test.each([
  ['prompts', { prompt: apples(1700), negative: 'blurry, '.repeat(600), other: {} }],
  ['settings', { prompt: 'a fox, '.repeat(500), negative: '', other: {}, model: apples(2000) }],
])('long %s of emojis fit into a message, which Discord counts in characters', (_, read) => {
  const { content, files } = howMadeAnswer(read, translateFor('en-US'));
  expect(lengthOf(content)).toBeLessThanOrEqual(2000);
  expect(files).toHaveLength(1);
});

test('what fits is shown whole, however many of its characters are emojis', () => {
  const { content, files } = howMadeAnswer({ prompt: apples(1500), negative: '', other: {} }, translateFor('en-US'));
  expect(content).toContain(apples(1500));
  expect(files).toBeUndefined();
});
