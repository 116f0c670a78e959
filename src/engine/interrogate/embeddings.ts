import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { userCacheFolder } from '../cache-folder.js';
import { writeWhole } from '../write-file.js';

/** To be raised when the same phrases would get other numbers. */
const FORMAT = 1;

/**
 * Embeddings of phrases, made once and kept in the cache folder: at full size, making them takes most of a minute. If the
 * folder cannot be written to, they are made again at the next start.
 *
 * @param files of the model; others, or changed ones, have embeddings of their own.
 * @param make gives rows of `width`, one after the other.
 */
export async function keptEmbeddings(
  files: readonly string[],
  phrases: readonly string[],
  width: number,
  make: () => Promise<Float32Array>,
  cache = userCacheFolder(),
): Promise<Float32Array> {
  const stamps = await Promise.all(
    files.map(async (file) => {
      const { size, mtimeMs } = await stat(file);
      return [file, size, mtimeMs];
    }),
  );
  const key = createHash('sha256')
    .update(JSON.stringify([FORMAT, stamps, phrases]))
    .digest('hex')
    .slice(0, 32);
  const path = join(cache, 'phrases', key);
  const kept = await readFile(path).catch(() => null);
  if (kept?.length === 4 * width * phrases.length) return new Float32Array(Uint8Array.from(kept).buffer);
  const made = await make();
  try {
    await mkdir(join(cache, 'phrases'), { recursive: true, mode: 0o700 });
    await writeWhole(path, new Uint8Array(made.buffer, made.byteOffset, made.byteLength));
  } catch {
    // They are made again next time.
  }
  return made;
}
