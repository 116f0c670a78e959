import { checkLatents, malformed, shown } from '../check.js';
import { allFinite } from '../numbers.js';
import type { Step } from '../samplers/sampler.js';
import type { PaintOptions } from './progress.js';

/**
 * Tells of a step, and puts the latents that come back in place of its own.
 *
 * @param asked the timestep of the step's first prediction, and its level. @throws RequestError for latents of another size.
 */
export async function tellStep(
  onStep: NonNullable<PaintOptions['onStep']>,
  { index, total, latents, predicted, signal, noise }: Step,
  shape: readonly number[],
  asked: { readonly timestep: number; readonly sigma: number },
): Promise<void> {
  const tensor = (data: Float32Array) => ({ data, shape });
  const change = await onStep({
    step: index,
    steps: total,
    ...asked,
    latents: tensor(latents),
    signal,
    noise,
    predicted: tensor(predicted),
  });
  const changed = change?.latents?.data;
  if (change?.latents) {
    if (!(changed instanceof Float32Array))
      throw malformed('latents', `of onStep must be a tensor, got ${shown(change.latents)}.`);
    latents.set(checkLatents('latents', changed, shape));
  }
  if (!allFinite(latents)) throw malformed('latents', `that onStep left after step ${index} hold NaN or infinity.`);
}
