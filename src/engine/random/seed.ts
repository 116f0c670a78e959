import { wholeInRange } from '../check.js';

/** Seeds are whole numbers from 0 to this: what the reference's seed_everything takes, and all that mt19937 reads. */
export const MAX_SEED = 2 ** 32 - 1;

/** For whoever names none. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

/**
 * Larger seeds are refused: the reference replaces them with a random one, so that the picture could not be repeated.
 *
 * @throws RequestError outside 0..2^32-1.
 */
export function checkSeed(seed: number): number {
  return wholeInRange('seed', seed, 0, MAX_SEED);
}
