import { recipeFor } from '../../engine/lora/recipe.js';
import type { ModelCard } from '../../engine/model.js';
import type { Speed } from '../../engine/pipeline/speed.js';
import type { Settings } from '../rules/settings.js';

/**
 * Steps, scale, sampler and speed where a member names none: those of a few-step LoRA in the prompt, for it paints nothing
 * good with others; else the server's, else the model's.
 *
 * @param loras folders of LoRAs; the painter's own by default.
 */
export async function defaultsFor(
  { steps, scale, sampler, speed }: ModelCard,
  settings: Pick<Settings, 'steps' | 'scale' | 'speed'>,
  prompt: string,
  loras?: readonly string[],
): Promise<{ steps: number; scale: number; sampler: string; speed?: Speed | undefined }> {
  const recipe = await recipeFor([prompt], loras);
  return {
    steps: settings.steps || steps,
    scale: settings.scale || scale,
    sampler,
    speed: settings.speed ?? speed,
    ...recipe,
  };
}
