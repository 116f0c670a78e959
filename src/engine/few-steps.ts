import type { ModelCard } from './model.js';

/** How a model or LoRA that was distilled to few steps is used. */
export type Recipe = Pick<ModelCard, 'steps' | 'scale' | 'sampler' | 'sigmas'>;

/** Guidance is in what was distilled. */
const UNGUIDED = 1;

/**
 * Names under which few-step models and LoRAs for Stable Diffusion 1.x and 2.x are published, and what their pages say, the
 * most specific first. diffusers' guidance_scale 0 is our 1: no guidance.
 */
const RECIPES: readonly (readonly [RegExp, (match: RegExpExecArray) => Recipe])[] = [
  // huggingface.co/ByteDance/Hyper-SD: Hyper-SD15-8steps-CFG-lora takes guidance from 5 to 8.
  [
    /hyper-?sd(?!xl|3).*?(\d+)-?steps?-?cfg/,
    ([, n]) => ({ steps: Number(n), scale: 5, sampler: 'ddim', sigmas: 'trailing' }),
  ],
  // There: the one-step LoRA is a unified one, for TCD; those of 2, 4 and 8 steps are for DDIM in trailing timesteps.
  [/hyper-?sd(?!xl|3).*?\b1-?step/, () => ({ steps: 1, scale: UNGUIDED, sampler: 'tcd' })],
  [
    /hyper-?sd(?!xl|3).*?(\d+)-?steps?/,
    ([, n]) => ({ steps: Number(n), scale: UNGUIDED, sampler: 'ddim', sigmas: 'trailing' }),
  ],
  // huggingface.co/h1t/TCD-SD15-LoRA and TCD-SD21-base-LoRA.
  [/(^|[^a-z])tcd([^a-z]|$)/, () => ({ steps: 4, scale: UNGUIDED, sampler: 'tcd' })],
  // huggingface.co/latent-consistency/lcm-lora-sdv1-5: 2 to 8 steps, guidance off or up to 2.
  [/(^|[^a-z])lcm([^a-z]|$)/, () => ({ steps: 4, scale: UNGUIDED, sampler: 'lcm' })],
  // huggingface.co/stabilityai/sd-turbo: 1 to 4 steps.
  [/(^|[^a-z])sd-?turbo/, () => ({ steps: 1, scale: UNGUIDED, sampler: 'euler', sigmas: 'trailing' })],
  // huggingface.co/IDKiro/sdxs-512-0.9: one step.
  [/(^|[^a-z])sdxs/, () => ({ steps: 1, scale: UNGUIDED, sampler: 'euler', sigmas: 'trailing' })],
];

/** Longer than any name. */
const LONGEST = 120;

/** By the name of a file or folder, or one that its author wrote into it; undefined if nothing says that it needs few steps. */
export function recipeNamed(name: string): Recipe | undefined {
  const plain = name
    .slice(0, LONGEST)
    .toLowerCase()
    .replace(/[_\s.]+/g, '-');
  for (const [pattern, recipe] of RECIPES) {
    const match = pattern.exec(plain);
    if (match) return withinLimits(recipe(match));
  }
  return undefined;
}

function withinLimits({ steps, ...recipe }: Recipe): Recipe | undefined {
  return steps >= 1 && steps <= 50 ? { steps, ...recipe } : undefined;
}
