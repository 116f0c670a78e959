import { expect, test } from 'vitest';
import { unreadNotice } from '../../../src/engine/text/unread.js';

test.each([
  ['a|b, a [red:blue:0.5] car', '[red:blue:0.5]'],
  ['a [cow|horse] in a field\\', '[cow|horse]'],
  ['a cat AND a|b [blue:10]', '[blue:10]'],
])('%s: that %s does not change is said', (prompt, syntax) => {
  const [text, meaning] = unreadNotice(prompt)!;
  expect(text).toContain(`"${syntax}" is read as plain words`);
  expect(meaning).toEqual({ code: 'unreadSyntax', values: { syntax } });
});

test.each([
  'a [red:blue:0.5] car, [cow|horse]',
  'a cat AND a dog',
  'a|b, {a|b}',
  'a|b \\[red:blue:0.5\\]',
  '[unclosed|a',
  '<lora:a|b:0.5> [red:blue:0.5]',
  '',
])('%s: nothing is said', (prompt) => {
  expect(unreadNotice(prompt)).toBeNull();
});

test('what is quoted of it is short', () => {
  expect(unreadNotice(`|[${'a'.repeat(500)}|b]`)![1].values.syntax).toHaveLength(60);
});
