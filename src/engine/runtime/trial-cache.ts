import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../write-file.js';
import { userCacheFolder } from '../cache-folder.js';
import { version } from '../version.js';
import type { Adapter } from './adapter.js';
import { onnxRuntime } from './native.js';
import type { Provider } from './provider.js';
import { type Trial, tryDevice } from './trial.js';

/** Raised when the trial changes without Easel's version. */
const FORMAT = 1;

/**
 * What a trial of the device came to: the one that is written down in the user's cache folder, or a new one, for another
 * driver, version of ONNX Runtime or of Easel, or width of heads.
 *
 * @param folder where results are kept. One that cannot be written to costs a trial each time.
 */
export async function trialOf(
  provider: Provider,
  adapter: Adapter,
  headSize: number,
  { folder = userCacheFolder(), tryOut = tryDevice } = {},
): Promise<Trial> {
  const { versions } = (await onnxRuntime()).env;
  const key = JSON.stringify([FORMAT, version, versions, provider, adapter, headSize]);
  const file = join(folder, 'devices', `${createHash('sha256').update(key).digest('hex').slice(0, 16)}.json`);
  try {
    const kept = JSON.parse(await readFile(file, 'utf8'));
    if (kept.key === key) return kept.trial;
  } catch {
    // None, or half of one: the trial is made.
  }
  const trial = await tryOut(provider, headSize);
  try {
    await mkdir(join(folder, 'devices'), { recursive: true });
    await writeWhole(file, JSON.stringify({ key, trial }));
  } catch {
    // Next time it is made again.
  }
  return trial;
}
