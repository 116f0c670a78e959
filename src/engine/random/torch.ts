import { boxMuller16 } from './box-muller.js';
import type { Generator } from './generator.js';
import { Mt19937 } from './mt19937.js';
import { checkSeed } from './seed.js';

/**
 * `torch.manual_seed(seed)` and then `torch.randn` in float32 on the CPU, bit for bit as PyTorch computes it on x86 with
 * AVX2 (aten/src/ATen/native/cpu/DistributionTemplates.h, normal_fill). ARM builds and CPUs without AVX2 differ by up to
 * 2.4e-7.
 */
export class TorchGenerator implements Generator {
  readonly #bits: Mt19937;
  /** Small tensors take numbers in pairs: the second is kept here for the next small tensor, however many large ones come in between. */
  #cached: number | undefined;

  /** @param seed 0..2^32-1. @throws RequestError outside. */
  constructor(seed: number) {
    this.#bits = new Mt19937(checkSeed(seed));
  }

  /** The next numbers; see {@link Generator.randn}. */
  randn(count: number): Float32Array {
    const values = new Float32Array(count);
    if (count < 16) {
      for (let i = 0; i < count; i++) values[i] = this.#normal();
      return values;
    }
    for (let i = 0; i < count; i++) values[i] = this.#uniform24();
    for (let at = 0; at + 16 <= count; at += 16) boxMuller16(values, at);
    if (count % 16) {
      // The last block is drawn again and overlaps the one before it.
      for (let i = count - 16; i < count; i++) values[i] = this.#uniform24();
      boxMuller16(values, count - 16);
    }
    return values;
  }

  #uniform24(): number {
    return (this.#bits.uint32() & 0xffffff) * 2 ** -24;
  }

  /** In [0, 1): the low 53 of 64 bits, high word first. */
  #uniform53(): number {
    const high = this.#bits.uint32() & 0x1fffff;
    return (high * 2 ** 32 + this.#bits.uint32()) * 2 ** -53;
  }

  #normal(): number {
    if (this.#cached !== undefined) {
      const value = this.#cached;
      this.#cached = undefined;
      return value;
    }
    const angle = 2 * Math.PI * this.#uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform53()));
    this.#cached = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}
