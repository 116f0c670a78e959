import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelCard } from '../model.js';
import { readJson } from './json.js';

const cardJson = z.strictObject({
  name: z.string().min(1),
  nativeSize: z.int().min(8).max(4096),
  scale: z.number().min(0).max(50),
  guidanceRescale: z.number().min(0).max(1).optional(),
  steps: z.int().min(1).max(1000),
  sampler: z.string(),
  upscaleStrength: z.number().min(0).max(1),
  licence: z.string(),
  needsSafetyChecker: z.boolean(),
  examples: z.array(z.string()),
  knows: z.array(z.string()).optional(),
  modifiers: z.array(z.string()).optional(),
});

/** What Stable Diffusion v1's own model card says; the licence holds for every checkpoint derived from it. */
export function defaultCard(name: string, nativeSize = 512): ModelCard {
  return {
    name,
    nativeSize,
    scale: 7.5,
    steps: 50,
    sampler: 'ddim',
    upscaleStrength: 0.3,
    licence:
      'CreativeML OpenRAIL-M, unless its maker says otherwise: free to use within the use restrictions of its attachment A (https://huggingface.co/spaces/CompVis/stable-diffusion-license).',
    needsSafetyChecker: true,
    examples: ['a photograph of an astronaut riding a horse', 'a painting of a virus monster playing guitar'],
  };
}

/** `easel.json` in a model's folder, over the defaults for keys that it leaves out. */
export async function readCard(folder: string, defaults: ModelCard): Promise<ModelCard> {
  const file = join(folder, 'easel.json');
  if (!existsSync(file)) return defaults;
  const own = Object.entries(await readJson(file, cardJson.partial())).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(own) };
}
