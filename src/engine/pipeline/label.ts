import type { GenerationParameters } from '../image/metadata/parameters.js';
import type { Tensor } from '../networks.js';
import { controlParameters } from './control.js';
import type { Engine } from './engine.js';
import { eachRow } from './latents.js';
import type { PaintedLatents } from './picture.js';
import type { Plan } from './request.js';
import { samplingLabels } from './sampling.js';
import { spedUp } from './speed.js';

/** What a pipeline records besides the plan. */
export interface Labels {
  strength?: number;
  parameters?: Partial<GenerationParameters>;
}

/** Latents [rows, c, h, w], each picture's by itself, with what is needed to paint it again. */
export async function labelled(
  { model, networks }: Engine,
  plan: Plan,
  latents: Tensor,
  { strength, parameters }: Labels,
): Promise<PaintedLatents[]> {
  const hash = await model.hash();
  const [height, width] = latents.shape.slice(2).map((side) => side * model.downsampling) as [number, number];
  return eachRow(latents).map((own, row) => {
    const seed = plan.seeds && plan.seeds[row]!;
    return {
      latents: own,
      seed,
      parameters: {
        prompt: plan.prompts[row]!,
        negative: plan.negatives[row]!,
        steps: plan.steps,
        ...samplingLabels(plan),
        scale: plan.scale,
        guidanceRescale: plan.scale === 1 ? undefined : plan.guidanceRescale || undefined,
        imageScale: plan.scale === 1 ? undefined : plan.imageScale,
        seed: seed ?? undefined,
        width,
        height,
        modelHash: hash,
        model: model.card.name,
        variationSeed: plan.variation && (plan.variation.seed + row) % 2 ** 32,
        variationStrength: plan.variation?.strength,
        strength,
        eta: plan.sampler.eta || plan.eta ? plan.eta : undefined,
        clipSkip: plan.clipSkip > 1 ? plan.clipSkip : undefined,
        // Only the caller can name a generator that it passed.
        rng: plan.seeds === null ? undefined : plan.rng === 'cuda' ? 'GPU' : 'CPU',
        ...spedUp(plan),
        tiling: plan.tile && (plan.tile === 'both' ? 'True' : plan.tile),
        precision: networks.int8 ? 'int8' : undefined,
        controls: plan.controls.length > 0 ? controlParameters(plan.controls) : undefined,
        ...parameters,
      },
    };
  });
}
