import { expect, test } from 'vitest';
import { nearest } from '../../src/discord/page/nearest.js';

const at = (left: number, top: number) => ({ getBoundingClientRect: () => ({ left, top }) });
// A short row of large entries, and below it two rows of small ones.
const [a, b, c, d, e, f, g] = [at(0, 0), at(60, 0), at(0, 80), at(30, 80), at(60, 80), at(90, 80), at(0, 110)];
const grid = [a, b, c, d, e, f, g] as ReturnType<typeof at>[];

test('arrows go to the neighbour in reading order, or to the nearest in the next row, and stay at the end', () => {
  expect(nearest(a!, grid, 'ArrowRight')).toBe(b);
  expect(nearest(b!, grid, 'ArrowRight')).toBe(c);
  expect(nearest(b!, grid, 'ArrowDown')).toBe(e);
  expect(nearest(f!, grid, 'ArrowUp')).toBe(b);
  expect(nearest(f!, grid, 'ArrowDown')).toBe(g);
  expect(nearest(g!, grid, 'ArrowDown')).toBe(g);
  expect(nearest(g!, grid, 'ArrowRight')).toBe(g);
});

test('above the first row is nothing, and other keys are not arrows', () => {
  expect(nearest(b!, grid, 'ArrowUp')).toBeNull();
  expect(nearest(a!, grid, 'ArrowLeft')).toBeNull();
  expect(nearest(a!, grid, 'x')).toBeUndefined();
});
