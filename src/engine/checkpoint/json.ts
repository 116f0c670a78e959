import type { z } from 'zod';
import { CheckpointError } from '../errors.js';
import { readWhole } from '../regular-file.js';
import { unreadable } from './source.js';

/** Configuration and index files have a few kilobytes; a vocabulary has one megabyte. */
const MAX_BYTES = 32 * 2 ** 20;

/** Reads a JSON file and checks it. @throws CheckpointError naming the file and the first thing that is wrong with it. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  let value: unknown;
  try {
    value = JSON.parse((await readWhole(path, MAX_BYTES)).toString());
  } catch (cause) {
    if (cause instanceof SyntaxError) {
      throw new CheckpointError(`${path}: it is not valid JSON. Restore it from where the model was published.`, {
        cause,
      });
    }
    throw unreadable(path, cause);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new CheckpointError(`${path}: ${issue.path.join('.') || 'the file'}: ${issue.message}.`, {
    cause: result.error,
  });
}
