import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { controlNetsIn } from '../../engine/checkpoint/controlnets.js';
import { RequestError } from '../../engine/errors.js';

/**
 * Where the reference's README puts the weights, relative to the models folder, and the name they are offered under.
 */
export const REFERENCE = { name: 'stable-diffusion-v1', path: 'ldm/stable-diffusion-v1/model.ckpt' } as const;

/**
 * The path of a model. A file or folder of that name in the models folder takes precedence over the reference's path.
 */
export function modelPath(folder: string, name: string): string {
  const path = join(folder, name);
  return name === REFERENCE.name && !existsSync(path) ? join(folder, REFERENCE.path) : path;
}

/** The path of a ControlNet by its name. @throws RequestError if it is not on this machine. */
export async function controlPath(folder: string, name: string): Promise<string> {
  const found = (await controlNetsIn(folder)).find((net) => net.name === name);
  if (found) return found.path;
  throw new RequestError(`There is no ControlNet "${name}" in the folder controlnet of ${folder}. Leave it out.`, {
    meaning: { code: 'noControl', values: { net: name } },
  });
}
