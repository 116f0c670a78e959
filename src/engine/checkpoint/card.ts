import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { type Recipe, recipeNamed } from '../few-steps.js';
import type { ModelCard, ScheduleConfig } from '../model.js';
import { SPEED_NAMES } from '../pipeline/speed.js';
import { type SamplerChoice, samplerNamed } from '../samplers/names.js';
import { SPACING_NAMES, type Spacing } from '../samplers/spacing.js';
import { readJson } from './json.js';

const cardJson = z.strictObject({
  name: z.string().min(1),
  nativeSize: z.int().min(8).max(4096),
  scale: z.number().min(0).max(50),
  guidanceRescale: z.number().min(0).max(1).optional(),
  imageScale: z.number().min(0).max(10).optional(),
  clipSkip: z.int().min(1).max(12).optional(),
  predictionType: z.enum(['epsilon', 'v_prediction']).optional(),
  steps: z.int().min(1).max(1000),
  // Another program's name is as good, and may hold the spacing.
  sampler: z.string().refine((name) => samplerNamed(name) !== null, 'must be the name of a sampler'),
  sigmas: z.enum(SPACING_NAMES).optional(),
  upscaleStrength: z.number().min(0).max(1),
  upscaler: z.string().min(1).optional(),
  licence: z.string(),
  needsSafetyChecker: z.boolean(),
  speed: z.enum(SPEED_NAMES).optional(),
  guidanceInterval: z.tuple([z.number(), z.number()]).optional(),
  cacheInterval: z.int().min(1).max(10).optional(),
  kvSubsampling: z.union([z.boolean(), z.literal('large')]).optional(),
  examples: z.array(z.string()),
  knows: z.array(z.string()).optional(),
  modifiers: z.array(z.string()).optional(),
});

const recipeJson = cardJson.pick({ steps: true, scale: true, sampler: true, sigmas: true }).partial();

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
    ...recipeNamed(name),
    needsSafetyChecker: true,
    examples: ['a photograph of an astronaut riding a horse', 'a painting of a virus monster playing guitar'],
  };
}

/** Side of the pictures that Stable Diffusion was trained on: its models that predict v are those for 768x768. */
export function nativeSizeOf(predictionType: ScheduleConfig['predictionType']): number {
  return predictionType === 'v_prediction' ? 768 : 512;
}

/** `easel.json` in a model's folder, over the defaults for keys that it leaves out. */
export async function readCard<T extends Partial<ModelCard>>(
  folder: string,
  defaults: T,
): Promise<T & Partial<ModelCard>> {
  return { ...defaults, ...(await stated(join(folder, 'easel.json'))) };
}

/** What `NAME.easel.json` says beside NAME.safetensors, or beside what links to it. */
export function readCardBeside(paths: readonly string[]): Promise<Partial<ModelCard>> {
  return stated(paths.map(cardBeside).find(existsSync));
}

/** What `NAME.easel.json` beside a LoRA says of painting with it; undefined if there is none. @throws CheckpointError */
export async function recipeBeside(path: string): Promise<Partial<Recipe> | undefined> {
  const file = cardBeside(path);
  return existsSync(file) ? withSampler(await readJson(file, recipeJson)) : undefined;
}

function cardBeside(path: string): string {
  return `${path.slice(0, path.length - extname(path).length)}.easel.json`;
}

async function stated(file: string | undefined): Promise<Partial<ModelCard>> {
  if (file === undefined || !existsSync(file)) return {};
  return withSampler(await readJson(file, cardJson.partial()));
}

/** What a file says, with our own name for its sampler, and whatever it leaves out left out. */
function withSampler<T extends { sampler?: string | undefined; sigmas?: Spacing | undefined }>({
  sampler,
  sigmas,
  ...rest
}: T) {
  const known = sampler === undefined ? null : samplerNamed(sampler);
  const said = { ...rest, ...known, ...(sigmas && { sigmas }) };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Partial<
    Omit<T, 'sampler' | 'sigmas'> & SamplerChoice
  >;
}
