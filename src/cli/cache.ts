import { cacheFolder } from '../config.js';
import { cacheFiles, clearCache, int8Folder } from '../engine/int8/cache.js';
import type { Report } from './report.js';

export interface CacheArguments {
  clear?: boolean;
  json?: boolean;
}

/** `easel cache`: lists the int8 weights that are kept and where they come from; `--clear` deletes them. */
export async function runCache({ clear }: CacheArguments, report: Report): Promise<void> {
  const folder = int8Folder(cacheFolder());
  if (clear) {
    const bytes = await clearCache(folder);
    report.say(`Removed ${megabytes(bytes)} from ${folder}.`);
    report.event({ event: 'cleared', folder, bytes });
    return;
  }
  const files = await cacheFiles(folder);
  for (const { path, bytes, used, note } of files) {
    report.say(`${note}: ${megabytes(bytes)}, last used ${new Date(used).toISOString().slice(0, 10)}`);
    report.event({ event: 'cached', path, bytes, used: new Date(used).toISOString(), note });
  }
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  report.say(`${megabytes(total)} in ${folder}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
