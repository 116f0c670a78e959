import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** Writes the files of a bundle of the reference's numbers into a folder; test/fixtures/oracle/make.mjs describes the format. */
export function unpackBundle(bundle: Uint8Array, folder: string): void {
  const plain = brotliDecompressSync(bundle);
  let at = 4 + plain.readUInt32LE(0);
  for (const [path, size] of JSON.parse(plain.toString('utf8', 4, at)) as [string, number][]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), plain.subarray(at, at + size));
    at += size;
  }
}

export interface Npy {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
}

const TYPES = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
  '|u1': Uint8Array,
};

/** Reads numpy's format 1.0: C order, little-endian. */
export function readNpy(path: string): Npy {
  const bytes = readFileSync(path);
  const header = bytes.toString('latin1', 10, 10 + bytes.readUInt16LE(8));
  const type = /'descr': '([^']+)'/.exec(header)?.[1] as keyof typeof TYPES;
  const shape = [.../'shape': \(([^)]*)\)/.exec(header)![1]!.matchAll(/\d+/g)].map(Number);
  const body = bytes.subarray(10 + bytes.readUInt16LE(8));
  // A copy starts at a multiple of the element's size, as typed arrays ask.
  return { shape, data: new TYPES[type](new Uint8Array(body).buffer) };
}
