let halves: Float32Array | undefined;

/** Every float16 as a float32: faster than decoding each number, and 256 KiB only when somebody reads values. */
export function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => {
    if ((bits & 0x7c00) !== 0x7c00) return real(bits, 5, 10);
    return bits & 0x3ff ? Number.NaN : bits & 0x8000 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  });
  return halves;
}

/** The number with these sign, exponent and fraction bits, in a format that has no infinity. */
export function real(bits: number, exponentBits: number, fractionBits: number): number {
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const sign = (bits >> (exponentBits + fractionBits)) & 1 ? -1 : 1;
  const bias = 2 ** (exponentBits - 1) - 1;
  return sign * (exponent ? (1 + fraction) * 2 ** (exponent - bias) : fraction * 2 ** (1 - bias));
}
