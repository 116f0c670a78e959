import { isAbsolute, join, resolve } from 'node:path';
import { userCacheFolder } from './engine/cache-folder.js';

/** The folder for what can be made again: EASEL_CACHE, otherwise the system's folder for caches. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  const own = env.EASEL_CACHE?.trim();
  if (own) return resolve(own);
  const given = platform === 'win32' ? env.LOCALAPPDATA : env.XDG_CACHE_HOME;
  return given && isAbsolute(given) ? join(given, 'easel') : userCacheFolder(platform);
}

/** Where Node (22.1 and later) keeps compiled code between starts. */
export function compileCache(env: NodeJS.ProcessEnv = process.env): string {
  return env.NODE_COMPILE_CACHE ?? join(cacheFolder(env), 'compiled');
}
