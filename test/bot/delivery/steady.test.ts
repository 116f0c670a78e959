import { expect, test } from 'vitest';
import { steady } from '../../../src/bot/delivery/progress-board.js';

const NOW = 1_000_000;

test('a time is kept while it is about right', () => {
  const said = steady(null, 60, NOW);
  expect(said).toBe(NOW + 60_000);
  expect(steady(said, 70, NOW)).toBe(said);
  expect(steady(said, 50, NOW + 9000)).toBe(said);
  expect(steady(said, 1, NOW + 57_000)).toBe(said);
});

test('it changes when it is far off, or past', () => {
  expect(steady(NOW + 6000, 120, NOW)).toBe(NOW + 120_000);
  expect(steady(NOW + 120_000, 6, NOW)).toBe(NOW + 6000);
  expect(steady(NOW - 1, 2, NOW)).toBe(NOW + 2000);
});

test('no estimate keeps the time shown, or none', () => {
  expect(steady(null, null, NOW)).toBeNull();
  expect(steady(NOW + 1, null, NOW)).toBe(NOW + 1);
});
