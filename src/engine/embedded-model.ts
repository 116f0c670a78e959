import { join } from 'node:path';
import { modelsFolder } from './package-root.js';

/** The folder of the model that comes with Easel: small pictures of simple things, within seconds. */
export const EMBEDDED_MODEL = join(modelsFolder, 'easel-128');

/** The upscaler that comes with Easel, for the pictures of {@link EMBEDDED_MODEL}. */
export const EMBEDDED_UPSCALER = join(modelsFolder, 'upscalers/easel-x4.safetensors');
