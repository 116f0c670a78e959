import { stat } from 'node:fs/promises';
import { readSafetensors } from '../checkpoint/safetensors.js';
import { MAX_TENSORS } from './read.js';

/** Of files that have not changed since they were read: there may be a thousand. */
const known = new Map<string, { when: number; bytes: number; alias: string | undefined }>();

/**
 * The name that a .safetensors file's author gave it (kohya's `ss_output_name`), as AUTOMATIC1111 finds it too;
 * undefined if it does not say, or cannot be read.
 */
export async function aliasOf(path: string): Promise<string | undefined> {
  if (!/\.safetensors$/i.test(path)) return undefined;
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return undefined;
  const before = known.get(path);
  if (before?.when === found.mtimeMs && before.bytes === found.size) return before.alias;
  const alias = await readSafetensors(path, MAX_TENSORS).then(
    ({ metadata }) => metadata.get('ss_output_name')?.trim(),
    () => undefined,
  );
  // kohya writes None for none.
  const own = alias === '' || alias === 'None' ? undefined : alias;
  known.set(path, { when: found.mtimeMs, bytes: found.size, alias: own });
  return own;
}
