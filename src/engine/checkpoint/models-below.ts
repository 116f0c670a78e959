import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CLIP_FOLDERS } from './clip.js';
import { CONTROLNET_FOLDERS } from './controlnets.js';
import { isCheckpointName } from './names.js';
import { SAFETY_CHECKER } from './safety.js';
import { TINY_FOLDERS } from './tiny-autoencoder.js';
import { UPSCALER_FOLDERS } from './upscalers.js';

/** Folders of what is used beside a model, here and in AUTOMATIC1111 and ComfyUI. */
const BESIDE: ReadonlySet<string> = new Set([
  SAFETY_CHECKER,
  ...TINY_FOLDERS,
  ...CONTROLNET_FOLDERS,
  ...CLIP_FOLDERS,
  ...UPSCALER_FOLDERS,
]);

/** Folders in folders, as in models/ldm/stable-diffusion-v1/. */
const DEPTH = 3;

/**
 * Checkpoint files and model folders, also inside other folders: their paths relative to `folder`, sorted. Links are
 * followed, and each folder is visited once.
 */
export async function modelsBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  const visit = async (relative: string, depth: number): Promise<void> => {
    const real = await realpath(join(folder, relative));
    if (seen.has(real)) return;
    seen.add(real);
    const names = await readdir(real);
    if (names.includes('model_index.json')) {
      found.push(relative);
      return;
    }
    for (const name of names) {
      const path = join(relative, name);
      const target = await stat(join(real, name)).catch(() => null);
      if (target?.isDirectory()) {
        if (depth > 0 && !BESIDE.has(name)) await visit(path, depth - 1);
      } else if (isCheckpointName(name)) found.push(path);
    }
  };
  await visit('', DEPTH);
  return found.sort();
}
