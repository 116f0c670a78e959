import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

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
