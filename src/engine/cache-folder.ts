import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder of the system's user for what can be made again: where the engine keeps it unless it is given another. */
export function userCacheFolder(platform: string = process.platform): string {
  const home = homeOr(tmpdir());
  if (platform === 'darwin') return join(home, 'Library/Caches/easel');
  return join(home, platform === 'win32' ? 'AppData/Local' : '.cache', 'easel');
}

/** A user without an account, as in a container, has no home. */
function homeOr(other: string): string {
  try {
    return homedir();
  } catch {
    return other;
  }
}
