import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RequestError } from '../../../src/engine/errors.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';

interface Call {
  shape: number[];
  sha256: string;
}
/** SHA-256 of what torch 2.13 drew (x86, AVX2), from the oracle's goldens/randn/index.json. */
const goldens: { single: (Call & { seed: number })[]; sequences: { seed: number; calls: Call[] }[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/randn.json', import.meta.url), 'utf8'),
);

const draw = (generator: TorchGenerator, { shape }: Call) => {
  const bytes = generator.randn(shape.reduce((product, side) => product * side, 1));
  return createHash('sha256').update(new Uint8Array(bytes.buffer)).digest('hex');
};

describe('torch.randn on the CPU, bit for bit', () => {
  for (const golden of goldens.single) {
    test(`seed ${golden.seed}, shape [${golden.shape}]`, () => {
      expect(draw(new TorchGenerator(golden.seed), golden)).toBe(golden.sha256);
    });
  }
  for (const { seed, calls } of goldens.sequences) {
    test(`seed ${seed}, small and large tensors in turn: [${calls.map((call) => call.shape).join('], [')}]`, () => {
      const generator = new TorchGenerator(seed);
      expect(calls.map((call) => draw(generator, call))).toEqual(calls.map((call) => call.sha256));
    });
  }
});

test('an empty tensor draws nothing', () => {
  const generator = new TorchGenerator(5);
  generator.randn(0);
  expect(generator.randn(16)).toEqual(new TorchGenerator(5).randn(16));
});

test.each([-1, 1.5, 2 ** 32, 2 ** 53, Number.NaN])('seed %d is refused', (seed) => {
  expect(() => new TorchGenerator(seed)).toThrow(RequestError);
  expect(() => new TorchGenerator(seed)).toThrow(/from 0 to 4294967295/);
});
