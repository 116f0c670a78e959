import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/**
 * Numbers and checkpoints that the reference's own code made. What proves the claims is packed into test/fixtures/oracle
 * and always runs; the whole, five times as large, may lie beside the repository, and then the slow suite runs it too.
 */
const BUNDLES = join(import.meta.dirname, 'fixtures/oracle');
const UNPACKED = join(BUNDLES, 'unpacked');
const WHOLE = join(import.meta.dirname, '../../shared/oracle');
const WHOLE_SECOND = `${WHOLE}2`;

/** Whether the whole oracle is used: it is there, and this is the slow suite. */
export const wholeOracle = process.env.EASEL_TESTS === 'slow' && existsSync(WHOLE);

const ROOT = wholeOracle ? realpathSync(WHOLE) : UNPACKED;

/** Path of an oracle file, such as `goldens/tiny/index.json`. */
export function oracle(path: string): string {
  return join(ROOT, path);
}

/** Path of a file of the oracle's second part, such as `samplers/goldens/kdiffusion/index.json`. */
export function secondOracle(path: string): string {
  return join(wholeOracle && existsSync(WHOLE_SECOND) ? WHOLE_SECOND : join(UNPACKED, 'second'), path);
}

/** Unpacks the bundles, unless that was done since they last changed; fixtures/oracle/make.mjs and make-second.mjs say what is in them. */
export function unpackOracle(): void {
  const bundles = ['nano', 'tiny', 'goldens', 'second'].map((name) => readFileSync(join(BUNDLES, `${name}.br`)));
  const stamp = join(UNPACKED, 'stamp');
  const sizes = bundles.map(({ length }) => length).join(' ');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sizes) return;
  const fresh = `${UNPACKED}.${process.pid}`;
  for (const bundle of bundles) {
    const plain = brotliDecompressSync(bundle);
    let at = 4 + plain.readUInt32LE(0);
    for (const [path, size] of JSON.parse(plain.toString('utf8', 4, at)) as [string, number][]) {
      mkdirSync(dirname(join(fresh, path)), { recursive: true });
      writeFileSync(join(fresh, path), plain.subarray(at, at + size));
      at += size;
    }
  }
  writeFileSync(join(fresh, 'stamp'), sizes);
  rmSync(UNPACKED, { recursive: true, force: true });
  renameSync(fresh, UNPACKED);
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
