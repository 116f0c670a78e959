import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, lengthOf } from '../../../src/bot/text/cut.js';

const FAMILY = '👩‍👩‍👧‍👦';

test('text that fits is unchanged, counted in code points as Discord does', () => {
  expect(cut('🦊'.repeat(2000), 2000)).toBe('🦊'.repeat(2000));
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('', 3)).toBe('');
});

test.each([
  ['an emoji of two units', '🦊🦊🦊', 2, '🦊…'],
  ['a family', `a${FAMILY}b`, 5, 'a…'],
  ['a flag', 'a🇩🇪b', 3, 'a…'],
  ['a letter and its accent', 'abe\u0301f', 4, 'ab…'],
  ['a keycap', 'a1\ufe0f\u20e3b', 3, 'a…'],
])('%s is kept whole or left out', (_, text, limit, wanted) => {
  expect(cut(text, limit)).toBe(wanted);
});

test('one letter with more accents than fit is cut anyway', () => {
  expect(lengthOf(cut(`e${'\u0301'.repeat(5000)}`, 100))).toBe(100);
});

test('half an emoji becomes the replacement character', () => {
  expect(cut('a\ud83e', 10)).toBe('a\ufffd');
});

test('nothing is ever longer than its limit, halved, or made up', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', ' ', '🦊', FAMILY, '\u0301', '🇩', '\ud83e', '\udd8a'),
    maxLength: 60,
  });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 50 }), (text, limit) => {
      const short = cut(text, limit);
      expect(lengthOf(short)).toBeLessThanOrEqual(limit);
      expect(short).not.toMatch(/\p{Cs}/u);
      const whole = text.replace(/\p{Cs}/gu, '\ufffd');
      expect(short === whole || whole.startsWith(short.slice(0, -1))).toBe(true);
    }),
  );
});

test('a text of megabytes costs no more than what is kept of it', () => {
  const huge = `${FAMILY}\u0301`.repeat(1_000_000);
  const began = performance.now();
  for (let n = 0; n < 100; n++) cut(huge, 100);
  expect(performance.now() - began).toBeLessThan(1000);
});
