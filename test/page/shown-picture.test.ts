import { expect, test } from 'vitest';
import { fitted } from '../../src/discord/page/shown-picture.js';

test.each([
  ['a grid of the model that ships', [262, 262], [350, 350]],
  ['two of its pictures in a row', [262, 132], [524, 264]],
  ['one of its pictures', [128, 128], [256, 256]],
  ['an emoji', [64, 64], [64, 64]],
  ['a grid of a large model', [1026, 1026], [350, 350]],
  ['a wide table', [1100, 300], [550, 150]],
])('%s of %j pixels is drawn in %j', (_, [width, height], [wide, high]) => {
  expect(fitted({ width: width!, height: height! })).toEqual({ width: wide, height: high });
});
