import { basename, join } from 'node:path';
import { modelsFolder } from './package-root.js';

/** The folder of the model that comes with Easel: pictures of things in scenes, within seconds. */
export const EMBEDDED_MODEL = join(modelsFolder, 'easel-256');

/** Names of models that came with Easel before. */
const EARLIER_MODELS: readonly string[] = ['easel-128'];

/** The name of the model that ships for one that shipped before it: their pictures are alike to its upscaler. Others as they are. */
export function shippedAs(model: string): string {
  return EARLIER_MODELS.includes(model) ? basename(EMBEDDED_MODEL) : model;
}

/** The upscaler that comes with Easel, for the pictures of {@link EMBEDDED_MODEL} and those before it. */
export const EMBEDDED_UPSCALER = join(modelsFolder, 'upscalers/easel-x4.safetensors');
