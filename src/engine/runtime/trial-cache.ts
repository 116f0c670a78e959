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

/** To be raised when the trial changes without a new version of Easel. */
const FORMAT = 1;

/**
 * The result of a device's trial: the one kept in the cache folder, or a new one if the driver, the version of ONNX
 * Runtime or Easel, or the head size is another.
 *
 * @param folder where results are kept. If it cannot be written to, every start costs a trial.
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
    // Missing or incomplete: the trial is run.
  }
  const trial = await tryOut(provider, headSize);
  try {
    await mkdir(join(folder, 'devices'), { recursive: true });
    await writeWhole(file, JSON.stringify({ key, trial }));
  } catch {
    // It will be run again next time.
  }
  return trial;
}
