import { recipeFor } from '../lora/recipe.js';
import type { Opened, PipelineRequest } from './request.js';

/** The request with the defaults that a few-step LoRA in its prompts sets. What it says itself is not touched. */
export async function advised<T extends Opened<PipelineRequest>>(
  request: T,
  loras: readonly string[] | undefined,
): Promise<T> {
  const prompts = [request.prompt ?? []].flat();
  const recipe = request.syntax === 'plain' ? undefined : await recipeFor(prompts, loras);
  const choice = recipe?.sampler !== undefined && !request.sampler ? recipe : null;
  // A schedule that was chosen one by one has its own number of steps.
  const listed = request.timesteps !== undefined || typeof request.sigmas === 'object';
  return {
    ...request,
    steps: request.steps ?? (listed ? undefined : recipe?.steps),
    scale: request.scale ?? recipe?.scale,
    ...(choice && { sampler: choice.sampler }),
    ...(choice && !listed && { sigmas: request.sigmas ?? choice.sigmas ?? 'default' }),
  };
}
