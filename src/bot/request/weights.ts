import { type PaintRequest, upscalerOf } from './paint-request.js';

/**
 * What a painter must have for a request: its model by its name, and what is used beside it by kind and name. Painters on
 * other machines announce the same.
 */
export function weightsOf(request: PaintRequest): readonly string[] {
  const { model, control } = request;
  const upscaler = upscalerOf(request);
  return [
    model,
    ...(control ? [controlWeights(control.net)] : []),
    ...(upscaler === undefined ? [] : [upscalerWeights(upscaler)]),
  ];
}

export const controlWeights = (name: string): string => `ControlNet ${name}`;
export const upscalerWeights = (name: string): string => `upscaler ${name}`;
