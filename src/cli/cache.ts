import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../config.js';
import { filesBelow, sumOfBytes } from '../engine/files-below.js';
import { cacheFiles, clearCache, int8Folder } from '../engine/int8/cache.js';
import type { Report } from './report.js';

export interface CacheArguments {
  clear?: boolean;
  json?: boolean;
}

/**
 * `easel cache`: lists the int8 weights that are kept and where they come from, and Node's compiled code; `--clear` deletes
 * both.
 */
export async function runCache({ clear }: CacheArguments, report: Report): Promise<void> {
  const weights = int8Folder(cacheFolder());
  // Never NODE_COMPILE_CACHE: other programs may keep theirs there.
  const compiled = join(cacheFolder(), 'compiled');
  const compiledBytes = sumOfBytes(await filesBelow(compiled));
  if (clear) {
    const removed = [
      [weights, await clearCache(weights)],
      [compiled, compiledBytes],
    ] as const;
    await rm(compiled, { recursive: true, force: true });
    for (const [folder, bytes] of removed) {
      report.say(`Removed ${megabytes(bytes)} from ${folder}.`);
      report.event({ event: 'cleared', folder, bytes });
    }
    return;
  }
  const files = await cacheFiles(weights);
  for (const { path, bytes, used, note } of files) {
    report.say(`${note}: ${megabytes(bytes)}, last used ${new Date(used).toISOString().slice(0, 10)}`);
    report.event({ event: 'cached', path, bytes, used: new Date(used).toISOString(), note });
  }
  report.say(`${megabytes(files.reduce((sum, { bytes }) => sum + bytes, 0))} in ${weights}`);
  report.say(`${megabytes(compiledBytes)} in ${compiled}`);
  report.event({ event: 'compiled', folder: compiled, bytes: compiledBytes });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
