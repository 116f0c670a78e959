import { expect, test } from 'vitest';
import { findStyle } from '../../../src/bot/rules/styles.js';

const style = (name: string) => ({ name, prompt: 'x', negative: '' });

test.each([
  ['été', 'e\u0301te\u0301'],
  ['e\u0301te\u0301', 'Été'],
  ['ink', ' INK '],
])('%j is the style that %j names', (name, asked) => {
  expect(findStyle({ styles: [style('toString'), style(name)] }, asked)?.name).toBe(name);
});

test.each(['ete', '__proto__', 'constructor', ''])('%j names none', (asked) => {
  expect(findStyle({ styles: [style('été')] }, asked)).toBeUndefined();
});
