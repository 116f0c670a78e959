import type { Generator } from './generator.js';
import { checkSeed } from './seed.js';

/**
 * `torch.cuda.manual_seed(seed)` and then `torch.randn(..., device="cuda")` in float32: Philox4x32-10 (Salmon et al. 2011)
 * with element i of call k at counter (k, 0, i, 0), as in aten/src/ATen/native/cuda/DistributionTemplates.h. A card agrees
 * to about 1e-6 as long as it has a thread for every element (65536 on most, 221184 on an A100; a 512x512 picture has
 * 16384), and gives other numbers beyond.
 */
export class PhiloxGenerator implements Generator {
  readonly #seed: number;
  #calls = 0;

  /** @param seed 0..2^32-1. @throws RequestError outside. */
  constructor(seed: number) {
    this.#seed = checkSeed(seed);
  }

  /** The next numbers; see {@link Generator.randn}. */
  randn(count: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = normal(this.#calls, i, this.#seed);
    this.#calls++;
    return values;
  }
}

function normal(call: number, element: number, seed: number): number {
  let [c0, c1, c2, c3] = [call, 0, element, 0];
  let [k0, k1] = [seed, 0];
  for (let round = 0; round < 10; round++) {
    const high0 = highWord(c0, 0xd2511f53);
    const low0 = Math.imul(c0, 0xd2511f53);
    const high2 = highWord(c2, 0xcd9e8d57);
    const low2 = Math.imul(c2, 0xcd9e8d57);
    c0 = (high2 ^ c1 ^ k0) >>> 0;
    c1 = low2 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  const radius = Math.sqrt(-2 * Math.log(c0 * 2 ** -32 + 2 ** -33));
  return radius * Math.sin((c1 * 2 ** -32 + 2 ** -33) * 2 * Math.PI);
}

/** Bits 32..63 of a product of two 32-bit numbers. */
function highWord(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536);
}
