import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { openFile } from '../regular-file.js';
import { unreadable } from './source.js';

/** SHA-256 of the files' bytes one after another, in hex; reads them in pieces. */
export async function sha256(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    try {
      const handle = await openFile(file);
      await pipeline(handle.createReadStream({ highWaterMark: 1 << 20 }), async (chunks) => {
        for await (const chunk of chunks) hash.update(chunk);
      });
    } catch (cause) {
      throw unreadable(file, cause);
    }
  }
  return hash.digest('hex');
}

/** AUTOMATIC1111's "Model hash": ten digits of {@link sha256}, computed once, when first asked for. */
export function shortHash(files: readonly string[]): () => Promise<string> {
  let hash: Promise<string> | undefined;
  return () => {
    hash ??= sha256(files).then((digits) => digits.slice(0, 10));
    return hash;
  };
}
