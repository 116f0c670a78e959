import { oracle, readNpy } from '../../oracle.js';

/** goldens/tiny/<path>, which must hold float32. */
export function golden(path: string): { data: Float32Array; shape: readonly number[] } {
  const { data, shape } = readNpy(oracle(`goldens/tiny/${path}`));
  if (!(data instanceof Float32Array)) throw new Error(`${path} does not hold float32`);
  return { data, shape };
}
