import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fixText } from '../../../src/engine/text/fix-text.js';

/** Texts and what ftfy 6.3.1 makes of them; recipe: tokens.py. */
const { texts }: { texts: [text: string, fixed: string][] } = JSON.parse(
  readFileSync(new URL('../../fixtures/tokens.json', import.meta.url), 'utf8'),
);

test.each(texts)('%j becomes what ftfy makes of it', (text, fixed) => {
  expect(fixText(text)).toBe(fixed);
});

describe('in words', () => {
  test.each([
    ['curly quotes are straightened', '“it’s”', '"it\'s"'],
    ['UTF-8 read as Windows-1252 is read again', 'schÃ¶n', 'schön'],
    ['text that only looks odd is kept', 'Ångström × ½ — “ÃO”'.replace(/[“”]/g, ''), 'Ångström × ½ — ÃO'],
    ['entities are decoded', 'salt &amp; pepper', 'salt & pepper'],
    ['but not beside a tag', '<i>salt &amp; pepper</i>', '<i>salt &amp; pepper</i>'],
    ['full-width letters are made plain', 'ＣＡＴ', 'CAT'],
    ['a lone surrogate becomes the replacement character', 'a\ud83d', 'a\ufffd'],
    ['an emoji of several parts is kept', '👩‍🚀', '👩‍🚀'],
    ['an empty text stays empty', '', ''],
  ])('%s', (_, text, fixed) => {
    expect(fixText(text)).toBe(fixed);
  });
});

test('layers of encoding are taken off as far as people and programs pile them up, and no further', () => {
  const layers = (count: number) => `&${'amp;'.repeat(count)}lt;`;
  expect(fixText(layers(12))).toBe('<');
  expect(fixText(layers(20))).toBe(layers(4));
  expect(fixText(`&${'#65286;'.repeat(20)}`)).toBe(`&${'#65286;'.repeat(4)}`);
});
