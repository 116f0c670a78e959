import { checkLatents, malformed } from '../check.js';
import { allFinite } from '../numbers.js';
import type { Step } from '../samplers/sampler.js';
import { read, type Schema, tensor as tensorOf } from '../schema.js';
import type { PaintOptions, StepChange } from './progress.js';

const STEP_CHANGE: Schema<StepChange> = {
  of: 'what onStep gives back',
  fields: { latents: tensorOf('pictures, channels, h, w') },
};

/**
 * Tells of a step, and puts the latents that come back in place of its own.
 *
 * @param asked the timestep of the step's first prediction, and its level. @throws RequestError for latents of another shape, and for other keys.
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
  // What a function without braces happens to give, such as a list's new length, is nothing.
  const { latents: changed } = Object(change) === change ? read(STEP_CHANGE, change as StepChange, 'onStep.') : {};
  if (changed) {
    latents.set(checkLatents('onStep.latents', changed.data, shape));
    if (String(changed.shape) !== String(shape))
      throw malformed('onStep.latents', `are [${changed.shape.join(', ')}], but this run's are [${shape.join(', ')}].`);
  }
  if (!allFinite(latents)) throw malformed('latents', `that onStep left after step ${index} hold NaN or infinity.`);
}
