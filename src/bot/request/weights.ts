import { withoutExtension } from '../../engine/lora/find.js';
import { LORA_TAG } from '../../engine/text/prompt.js';
import { type PaintRequest, upscalerOf } from './paint-request.js';
import { picturesOf } from './varied.js';

/** The prefix of what weightsOf says of a LoRA. */
const LORA = 'LoRA ';

/** Requests are looked at again and again while they wait. */
const known = new WeakMap<PaintRequest, readonly string[]>();

/**
 * What a painter must have for a request: its model by its name, and what is used beside it by kind and name. Painters on
 * other machines announce the same.
 */
export function weightsOf(request: PaintRequest): readonly string[] {
  const weights = known.get(request) ?? all(request);
  known.set(request, weights);
  return weights;
}

function all(request: PaintRequest): readonly string[] {
  const { model, control } = request;
  const upscaler = upscalerOf(request);
  const prompts = picturesOf(request).map(({ prompt }) => prompt);
  const tags = prompts.flatMap((prompt) => [...prompt.matchAll(LORA_TAG)].map(([, content]) => content!));
  const loras = tags.map((content) => loraWeights(content.split(':')[0]!.trim()));
  return [
    model,
    ...(control ? [controlWeights(control.net)] : []),
    ...(upscaler === undefined ? [] : [upscalerWeights(upscaler)]),
    ...new Set(loras),
  ];
}

export const controlWeights = (name: string): string => `ControlNet ${name}`;
export const upscalerWeights = (name: string): string => `upscaler ${name}`;
export const loraWeights = (name: string): string => `${LORA}${withoutExtension(name)}`;
export const isLora = (weights: string): boolean => weights.startsWith(LORA);
