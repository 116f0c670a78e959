import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WEIGHTS_NAME } from './names.js';

/** An upscaler among the models. */
export interface FoundUpscaler {
  /** Of its file, without the extension. */
  readonly name: string;
  readonly path: string;
}

/** Below a folder of models, as it is pulled, and as ComfyUI and AUTOMATIC1111 have it. */
export const UPSCALER_FOLDERS: ReadonlySet<string> = new Set(['upscalers', 'upscale_models', 'ESRGAN', 'RealESRGAN']);

/** Removes no noise: it is only mixed with the one beside it. */
const WITHOUT_DENOISE = /general-wdn-/;

/** The upscalers of a folder of models, sorted by name; of two with one name the first folder's. None is opened. */
export async function upscalersIn(models: string): Promise<FoundUpscaler[]> {
  const found = new Map<string, FoundUpscaler>();
  // Where the file system takes capitals for small letters, several are one.
  const seen = new Set<string>();
  for (const below of UPSCALER_FOLDERS) {
    const folder = join(models, below);
    const real = await realpath(folder).catch(() => null);
    if (real === null || seen.has(real)) continue;
    seen.add(real);
    for (const file of await readdir(real).catch(() => [])) {
      const path = join(folder, file);
      const name = file.replace(WEIGHTS_NAME, '');
      const isFile = (await stat(path).catch(() => null))?.isFile();
      if (name === file || !isFile || found.has(name) || WITHOUT_DENOISE.test(name)) continue;
      found.set(name, { name, path });
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}
