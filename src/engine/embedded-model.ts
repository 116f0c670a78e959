import { join } from 'node:path';
import { modelsFolder } from './package-root.js';

/** The folder of the model that comes with Easel: pictures of things in scenes, within seconds. */
export const EMBEDDED_MODEL = join(modelsFolder, 'easel-256');

/** Names of models that came with Easel before, and whose pictures its upscaler knows as well. */
export const EARLIER_MODELS: readonly string[] = ['easel-128'];

/** The upscaler that comes with Easel, for the pictures of {@link EMBEDDED_MODEL} and {@link EARLIER_MODELS}. */
export const EMBEDDED_UPSCALER = join(modelsFolder, 'upscalers/easel-x4.safetensors');
