import { fromFloat32 } from '../../../src/engine/checkpoint/values.js';

/** A tensor of a GGUF file. @param type ggml's number for it. */
export interface Entry {
  name: string;
  shape: readonly number[];
  type: number;
  bytes: Uint8Array;
}

interface Header {
  version?: number;
  count?: bigint;
  facts?: bigint;
  alignment?: number;
}

/** A GGUF file, of which single facts may be wrong. */
export function gguf(
  entries: readonly Entry[],
  { version = 3, count, facts = 1n, alignment = 32 }: Header = {},
): Buffer {
  const key = 'general.alignment';
  const head = [
    Buffer.from('GGUF'),
    u32(version),
    u64(count ?? BigInt(entries.length)),
    u64(facts),
    text(key),
    u32(4),
    u32(alignment),
  ];
  const step = alignment || 32;
  const bodies: Buffer[] = [];
  let offset = 0;
  for (const { name, shape, type, bytes } of entries) {
    const sides = [...shape].reverse().map((side) => u64(BigInt(side)));
    head.push(text(name), u32(shape.length), ...sides, u32(type), u64(BigInt(offset)));
    const body = Buffer.concat([bytes], Math.ceil(bytes.length / step) * step);
    bodies.push(body);
    offset += body.length;
  }
  const header = Buffer.concat(head);
  return Buffer.concat([Buffer.concat([header], Math.ceil(header.length / step) * step), ...bodies]);
}

/** Blocks of 32 numbers: a float16 scale, then 32 signed bytes. */
export function q8(values: Float32Array): Uint8Array {
  const out = Buffer.alloc((values.length / 32) * 34);
  for (let k = 0; k < values.length / 32; k++) {
    const block = values.subarray(k * 32, (k + 1) * 32);
    const scale = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    out.set(fromFloat32(Float32Array.of(scale), 'F16'), k * 34);
    block.forEach((value, i) => {
      out.writeInt8(scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(value / scale))), k * 34 + 2 + i);
    });
  }
  return out;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([u64(BigInt(Buffer.byteLength(value))), Buffer.from(value)]);
}
