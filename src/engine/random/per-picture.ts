import type { Generator } from './generator.js';

/**
 * A batch whose row k comes from generator k alone, whatever the other rows are: a picture of a batch can be painted
 * again by itself.
 */
export function perPicture(generators: readonly Generator[]): Generator {
  return {
    randn(count) {
      const size = count / generators.length;
      if (!Number.isInteger(size))
        throw new RangeError(`${count} numbers cannot be shared by ${generators.length} rows`);
      const rows = new Float32Array(count);
      generators.forEach((generator, k) => {
        rows.set(generator.randn(size), k * size);
      });
      return rows;
    },
  };
}
