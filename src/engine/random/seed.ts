import { RequestError } from '../errors.js';

/** Seeds are whole numbers from 0 to this: what the reference's seed_everything takes, and all that mt19937 reads. */
export const MAX_SEED = 2 ** 32 - 1;

/**
 * Larger seeds are refused and not cut down: the reference replaces them by a random one, which nobody could repeat.
 *
 * @throws RequestError outside 0..2^32-1.
 */
export function checkSeed(seed: number): number {
  if (Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED) return seed;
  const got = typeof seed === 'string' ? `the text "${(seed as string).slice(0, 80)}"` : String(seed);
  throw new RequestError(`The seed must be a whole number from 0 to ${MAX_SEED}, got ${got}.`);
}
