import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where the reference's README puts the weights, below the models folder, and the name that it is offered under. */
export const REFERENCE = { name: 'stable-diffusion-v1', path: 'ldm/stable-diffusion-v1/model.ckpt' } as const;

/** Where the model of a name lies. What is called so in the folder itself goes before the reference's place. */
export function modelPath(folder: string, name: string): string {
  const path = join(folder, name);
  return name === REFERENCE.name && !existsSync(path) ? join(folder, REFERENCE.path) : path;
}
