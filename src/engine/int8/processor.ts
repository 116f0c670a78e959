import { readFileSync } from 'node:fs';

/** Instructions that multiply 8-bit numbers and add four products in 32 bits, by their names in Linux. */
const FAST = ['avx512_vnni', 'avx_vnni', 'amx_int8'];

/**
 * Whether this processor has instructions for int8. Only known on Linux; elsewhere int8 has not been measured to be
 * faster, so the answer is no.
 *
 * @param read reads /proc/cpuinfo.
 */
export function hasInt8Instructions(read = () => readFileSync('/proc/cpuinfo', 'utf8')): boolean {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(read())?.[1]?.trim().split(/\s+/) ?? [];
    return FAST.some((name) => flags.includes(name));
  } catch {
    return false;
  }
}

/**
 * The largest magnitude of a quantized weight. Processors without those instructions add two products of an unsigned
 * and a signed byte in 16 bits, where 2 * 255 * 127 overflows and 2 * 255 * 63 does not.
 */
export function largestWeight(fast = hasInt8Instructions()): number {
  return fast ? 127 : 63;
}
