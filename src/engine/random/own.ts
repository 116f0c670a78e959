import { malformed, shown } from '../check.js';
import type { Generator } from './generator.js';

/** Somebody else's generator, which must give what it is asked for. @throws RequestError, at a draw, if it does not. */
export function ownGenerator(generator: Generator): Generator {
  return {
    randn(count) {
      const drawn = generator.randn(count);
      if (drawn instanceof Float32Array && drawn.length === count) return drawn;
      const got = drawn instanceof Float32Array ? `${drawn.length}` : shown(drawn);
      throw malformed('generator', `must give ${count} numbers in a Float32Array, got ${got}.`);
    },
  };
}
