import { join } from 'node:path';
import { modelsFolder } from './package-root.js';

/** The folder of the model that comes with Easel: pictures of things in scenes, within seconds. */
export const EMBEDDED_MODEL = join(modelsFolder, 'easel-256');

/** The upscaler that comes with Easel, for the pictures of {@link EMBEDDED_MODEL}. */
export const EMBEDDED_UPSCALER = join(modelsFolder, 'upscalers/easel-x4.safetensors');
