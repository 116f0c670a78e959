import { expect, test } from 'vitest';
import { foreignNotice } from '../../../src/engine/text/foreign-syntax.js';

test.each([
  ['a [red:blue:0.5] car', '[red:blue:0.5]'],
  ['a [red::10] car', '[red::10]'],
  ['a [:red:.5] car', '[:red:.5]'],
  ['a [ blue : 10 ] car', '[ blue : 10 ]'],
  ['a [(red:1.2):blue:0.5] car', '[(red:1.2):blue:0.5]'],
  ['a [cow|horse] in a field', '[cow|horse]'],
  ['a [cow||horse|] in a field', '[cow||horse|]'],
  ['a cat AND a dog', 'AND'],
  ['a cat :1.2 AND a dog :0.8', 'AND'],
])('%s: that %s is not done is said', (prompt, syntax) => {
  const [text, meaning] = foreignNotice(prompt)!;
  expect(text).toContain(`"${syntax}" is read as plain words`);
  expect(meaning).toEqual({ code: 'foreignSyntax', values: { syntax } });
});

test.each([
  'a cat and a dog',
  'BRAND, ANDROID, SAND',
  '[red] car, (blue:1.3), ((big))',
  'a \\[red:blue:0.5\\]',
  'a|b, {a|b}',
  '[unclosed|a',
  '<lora:name:0.5>',
  'ratio 1:2 [16:9 format',
  '',
])('%s: nothing is said', (prompt) => {
  expect(foreignNotice(prompt)).toBeNull();
});

test('what is quoted of it is short', () => {
  expect(foreignNotice(`[${'a'.repeat(500)}|b]`)![1].values.syntax).toHaveLength(60);
});
