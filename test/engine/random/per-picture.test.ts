import { expect, test } from 'vitest';
import { perPicture } from '../../../src/engine/random/per-picture.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';

test('every row of a batch is what its own seed draws alone, call after call', () => {
  const batch = perPicture([7, 8, 9].map((seed) => new TorchGenerator(seed)));
  const alone = new TorchGenerator(8);
  expect(batch.randn(3 * 64).subarray(64, 128)).toEqual(alone.randn(64));
  expect(batch.randn(3 * 20).subarray(20, 40)).toEqual(alone.randn(20));
});

test('a count that the rows cannot share is an error', () => {
  expect(() => perPicture([new TorchGenerator(1), new TorchGenerator(2)]).randn(33)).toThrow(RangeError);
});
