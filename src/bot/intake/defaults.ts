import { recipeFor } from '../../engine/lora/recipe.js';
import type { ModelCard } from '../../engine/model.js';
import type { Speed } from '../../engine/pipeline/speed.js';
import { storedName } from '../request/samplers.js';
import type { Settings } from '../rules/settings.js';

/**
 * Steps, scale, sampler and speed where a member names none: those of a few-step LoRA in the prompt, for it paints nothing
 * good with others; else the server's, else the model's.
 *
 * @param loras folders of LoRAs; the painter's own by default.
 */
export async function defaultsFor(
  { steps, scale, speed, ...card }: ModelCard,
  settings: Pick<Settings, 'steps' | 'scale' | 'speed'>,
  prompt: string,
  loras?: readonly string[],
): Promise<{ steps: number; scale: number; sampler: string; speed?: Speed | undefined }> {
  const recipe = await recipeFor([prompt], loras);
  const { sampler, sigmas } = recipe?.sampler ? { ...recipe, sampler: recipe.sampler } : card;
  return {
    steps: recipe?.steps ?? (settings.steps || steps),
    scale: recipe?.scale ?? (settings.scale || scale),
    sampler: storedName({ sampler, ...(sigmas && { sigmas }) }),
    speed: settings.speed ?? speed,
  };
}
