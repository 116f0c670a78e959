import { named } from './fields.js';
import { parseObject } from './json.js';
import type { ReadParameters } from './parameters.js';
import type { Texts } from './texts.js';

/** By key, and by label where the user chose text (ui/easydiffusion/utils/save_utils.py, TASK_TEXT_MAPPING). */
const NAMES = {
  prompt: 'prompt',
  Prompt: 'prompt',
  negative_prompt: 'negative',
  'Negative Prompt': 'negative',
  seed: 'seed',
  Seed: 'seed',
  num_inference_steps: 'steps',
  Steps: 'steps',
  guidance_scale: 'scale',
  'Guidance Scale': 'scale',
  sampler_name: 'sampler',
  Sampler: 'sampler',
  scheduler_name: 'scheduleType',
  Scheduler: 'scheduleType',
  use_stable_diffusion_model: 'model',
  'Stable Diffusion model': 'model',
  width: 'width',
  Width: 'width',
  height: 'height',
  Height: 'height',
  clip_skip: 'clipSkip',
  prompt_strength: 'strength',
  'Prompt Strength': 'strength',
} as const;

/** Easy Diffusion: a PNG text for each field, or all of them as JSON in the user comment. */
export function readEasyDiffusion(texts: Texts): ReadParameters | null {
  const packed = parseObject(texts.get('UserComment'));
  // Python's nothing, which a text says in letters.
  const written = packed ?? Object.fromEntries([...texts].filter(([, text]) => text !== 'None'));
  if (!('num_inference_steps' in written || 'Stable Diffusion model' in written)) return null;
  return { ...named(written, NAMES), version: 'Easy Diffusion' };
}
