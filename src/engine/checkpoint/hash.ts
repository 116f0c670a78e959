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

/** Where a file is looked at by {@link quickHash}. */
const [FROM, BYTES] = [2 ** 20, 2 ** 16];

/**
 * AUTOMATIC1111's older, quick hash (modules/sd_models.py, model_hash), by which its extensions still name their files:
 * eight digits of the SHA-256 of 64 KB from the second megabyte on.
 */
export async function quickHash(file: string): Promise<string> {
  const handle = await openFile(file).catch((cause) => {
    throw unreadable(file, cause);
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BYTES), 0, BYTES, FROM);
    return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex').slice(0, 8);
  } finally {
    await handle.close();
  }
}
