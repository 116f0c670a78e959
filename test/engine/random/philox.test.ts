import { expect, test } from 'vitest';
import { PhiloxGenerator } from '../../../src/engine/random/philox.js';

test('seed 0 gives the values that torch.randn(8, device="cuda") is publicly known for', () => {
  // Printed in many issues and forum threads about torch.manual_seed(0) on a GPU.
  const known = [-0.9247, -0.4253, -2.6438, 0.1452, -0.1209, -0.5797, -0.6229, -0.3284];
  expect([...new PhiloxGenerator(0).randn(8)].map((value) => Number(value.toFixed(4)))).toEqual(known);
});

test('later calls go on in the stream (oracle: goldens/randn/cuda_philox.json)', () => {
  const generator = new PhiloxGenerator(42);
  expect(generator.randn(16384)[7]).toBeCloseTo(-0.8175247311592102, 6);
  expect(generator.randn(16384)[0]).toBeCloseTo(0.13913749158382416, 6);
  expect(generator.randn(8192)[7]).toBeCloseTo(-0.7529574036598206, 6);
});

test('a longer tensor begins like a shorter one: elements do not depend on each other', () => {
  expect(new PhiloxGenerator(9).randn(100).slice(0, 7)).toEqual(new PhiloxGenerator(9).randn(7));
});
