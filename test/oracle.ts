import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackBundle } from '../bench/oracle-bundle.js';

export { type Npy, readNpy } from '../bench/oracle-bundle.js';

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

/** Path of a file that is only in the bundles, made from the oracle's. */
export function bundled(path: string): string {
  return join(UNPACKED, path);
}

/** Unpacks the bundles, unless that was done since they last changed; fixtures/oracle/make.mjs and the make-*.mjs beside it say what is in them. */
export function unpackOracle(): void {
  const bundles = ['nano', 'tiny', 'goldens', 'second', 'upscalers'].map((name) =>
    readFileSync(join(BUNDLES, `${name}.br`)),
  );
  const stamp = join(UNPACKED, 'stamp');
  const sizes = bundles.map(({ length }) => length).join(' ');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sizes) return;
  const fresh = `${UNPACKED}.${process.pid}`;
  for (const bundle of bundles) unpackBundle(bundle, fresh);
  writeFileSync(join(fresh, 'stamp'), sizes);
  rmSync(UNPACKED, { recursive: true, force: true });
  renameSync(fresh, UNPACKED);
}
