import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
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
  { folder = cacheFolder(), tryOut = tryDevice } = {},
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
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(join(folder, 'devices'), { recursive: true });
    await writeFile(temporary, JSON.stringify({ key, trial }));
    await rename(temporary, file);
  } catch {
    // Next time it is made again.
  }
  return trial;
}

/** Where this system keeps what programs can make again; EASEL_CACHE names another folder. */
export function cacheFolder(env = process.env, platform: string = process.platform): string {
  if (env.EASEL_CACHE) return resolve(env.EASEL_CACHE);
  const given = platform === 'win32' ? env.LOCALAPPDATA : env.XDG_CACHE_HOME;
  if (given && isAbsolute(given)) return join(given, 'easel');
  const home = homeOr(tmpdir());
  if (platform === 'darwin') return join(home, 'Library/Caches/easel');
  return join(home, platform === 'win32' ? 'AppData/Local' : '.cache', 'easel');
}

/** A user that the system does not know, such as a container's, has no home. */
function homeOr(other: string): string {
  try {
    return homedir();
  } catch {
    return other;
  }
}
