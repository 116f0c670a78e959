import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../shared/oracle');

/** Whether the reference code's numbers lie beside this repository. Tests that need them skip where they do not. */
export const hasOracle = existsSync(ROOT);

/** Path of an oracle file, such as `goldens/tiny/index.json`. */
export function oracle(path: string): string {
  return join(hasOracle ? realpathSync(ROOT) : ROOT, path);
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
