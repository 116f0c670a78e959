import { halfTable } from '../small-floats.js';

/** Writes one block's numbers from `out[to]` on. @param half the number of a float16 at a byte of the block. */
type Decode = (block: Uint8Array, half: (at: number) => number, out: Float32Array, to: number) => void;

interface BlockKind {
  /** Numbers in a block. */
  readonly numbers: number;
  readonly bytes: number;
  readonly decode: Decode;
}

/**
 * Quantization in blocks, as ggml stores it (ggml/src/ggml-common.h and ggml-quants.c, github.com/ggml-org/ggml): a few
 * bits a number, and a scale, with `_1` and `_K` also a minimum, for all of a block or for 16 or 32 numbers in it.
 */
export const BLOCKS = {
  Q4_0: { numbers: 32, bytes: 18, decode: decode32((block, k) => nibble(block, 2, k) - 8) },
  Q4_1: { numbers: 32, bytes: 20, decode: decode32((block, k) => nibble(block, 4, k), 2) },
  Q5_0: { numbers: 32, bytes: 22, decode: decode32((block, k) => (nibble(block, 6, k) | fifth(block, 2, k)) - 16) },
  Q5_1: { numbers: 32, bytes: 24, decode: decode32((block, k) => nibble(block, 8, k) | fifth(block, 4, k), 2) },
  Q8_0: { numbers: 32, bytes: 34, decode: decode32((block, k) => signed(block[2 + k]!)) },
  Q2_K: { numbers: 256, bytes: 84, decode: decodeQ2K },
  Q3_K: { numbers: 256, bytes: 110, decode: decodeQ3K },
  Q4_K: { numbers: 256, bytes: 144, decode: decodeQ45K(16, () => 0) },
  Q5_K: {
    numbers: 256,
    bytes: 176,
    decode: decodeQ45K(48, (block, k) => ((block[16 + (k % 32)]! >> (k >> 5)) & 1) << 4),
  },
  Q6_K: { numbers: 256, bytes: 210, decode: decodeQ6K },
} satisfies Record<string, BlockKind>;

export type BlockName = keyof typeof BLOCKS;

/** Bytes that hold `count` numbers; a row of a matrix is a whole number of blocks. */
export function blockBytes(name: BlockName, count: number): number {
  return (count / BLOCKS[name].numbers) * BLOCKS[name].bytes;
}

/** The numbers of whole blocks. */
export function decodeBlocks(name: BlockName, bytes: Uint8Array): Float32Array {
  const { numbers, bytes: size, decode } = BLOCKS[name];
  const halves = halfTable();
  const count = bytes.length / size;
  const out = new Float32Array(count * numbers);
  for (let k = 0; k < count; k++) {
    const block = bytes.subarray(k * size, (k + 1) * size);
    decode(block, (at) => halves[block[at]! | (block[at + 1]! << 8)]!, out, k * numbers);
  }
  return out;
}

/** A scale at byte 0, perhaps a minimum at byte `minimumAt`, and 32 whole numbers. */
function decode32(whole: (block: Uint8Array, k: number) => number, minimumAt?: number): Decode {
  return (block, half, out, to) => {
    const scale = half(0);
    const minimum = minimumAt === undefined ? 0 : half(minimumAt);
    for (let k = 0; k < 32; k++) out[to + k] = Math.fround(scale * whole(block, k)) + minimum;
  };
}

/** Four bits: the low halves of 16 bytes, then the high ones. */
function nibble(block: Uint8Array, from: number, k: number): number {
  return (block[from + (k & 15)]! >> (k & 16 ? 4 : 0)) & 15;
}

/** The bit above the nibble, from 32 in a row. */
function fifth(block: Uint8Array, from: number, k: number): number {
  return ((block[from + (k >> 3)]! >> (k & 7)) & 1) << 4;
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}

/** Two bits: each of 32 bytes holds numbers k, k + 32, k + 64 and k + 96 of a half. */
function twoBits(block: Uint8Array, from: number, k: number): number {
  return (block[from + 32 * (k >> 7) + (k & 31)]! >> (2 * ((k >> 5) & 3))) & 3;
}

function decodeQ2K(...[block, half, out, to]: Parameters<Decode>): void {
  const [scale, minimum] = [half(80), half(82)];
  for (let k = 0; k < 256; k++) {
    const both = block[k >> 4]!;
    out[to + k] =
      Math.fround(Math.fround(scale * (both & 15)) * twoBits(block, 16, k)) - Math.fround(minimum * (both >> 4));
  }
}

function decodeQ3K(...[block, half, out, to]: Parameters<Decode>): void {
  const scale = half(108);
  for (let k = 0; k < 256; k++) {
    const group = k >> 4;
    const low = (block[96 + (group & 7)]! >> (group & 8 ? 4 : 0)) & 15;
    const high = (block[104 + (group & 3)]! >> (2 * (group >> 2))) & 3;
    const third = (block[k & 31]! >> (k >> 5)) & 1;
    out[to + k] = Math.fround(scale * ((low | (high << 4)) - 32)) * (twoBits(block, 32, k) - (third ? 0 : 4));
  }
}

/** @param quantsAt where the nibbles begin: of each 64 numbers the low halves of 32 bytes, then the high ones. */
function decodeQ45K(quantsAt: number, above: (block: Uint8Array, k: number) => number): Decode {
  return (block, half, out, to) => {
    const [scale, minimum] = [half(0), half(2)];
    for (let group = 0; group < 8; group++) {
      const [step, floor] = sixBits(block, group);
      const [own, least] = [Math.fround(scale * step), Math.fround(minimum * floor)];
      for (let k = group * 32; k < group * 32 + 32; k++) {
        const low = (block[quantsAt + 32 * (k >> 6) + (k & 31)]! >> (k & 32 ? 4 : 0)) & 15;
        out[to + k] = Math.fround(own * (low | above(block, k))) - least;
      }
    }
  };
}

/** Scale and minimum of a group, six bits each, packed into bytes 4 to 15. */
function sixBits(block: Uint8Array, group: number): [number, number] {
  const at = (k: number) => block[4 + k]!;
  if (group < 4) return [at(group) & 63, at(group + 4) & 63];
  return [(at(group + 4) & 15) | ((at(group - 4) >> 6) << 4), (at(group + 4) >> 4) | ((at(group) >> 6) << 4)];
}

function decodeQ6K(...[block, half, out, to]: Parameters<Decode>): void {
  const scale = half(208);
  for (let k = 0; k < 256; k++) {
    const [side, place] = [k >> 7, k & 127];
    const low = (block[64 * side + (place & 63)]! >> (place & 64 ? 4 : 0)) & 15;
    const high = (block[128 + 32 * side + (place & 31)]! >> (2 * (place >> 5))) & 3;
    out[to + k] = Math.fround(scale * signed(block[192 + (k >> 4)]!)) * ((low | (high << 4)) - 32);
  }
}
