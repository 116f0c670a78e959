import { malformed } from '../check.js';
import { RequestError } from '../errors.js';
import { type Pixels, tensorOf } from '../image/pixels.js';
import type { Tensor } from '../networks.js';
import { purposeOf } from '../purpose.js';
import type { Engine } from './engine.js';
import { img2img } from './img2img.js';
import { posteriorOf } from './latents.js';
import type { Picture } from './picture.js';
import type { PaintOptions } from './progress.js';
import { repeatRows } from './repeat-rows.js';
import { type BlendRequest, type Opened, planOf, sizeOf } from './request.js';

/** Pictures of one blend. */
export const BLEND = { fewest: 2, most: 4 } as const;

/**
 * From several pictures and words to pictures: the mean of their latents, weighted, is what img2img starts from. Such a mean
 * looks like exposures on top of each other; the higher the strength, the more is painted into something of its own, and the
 * less is left of them.
 *
 * @throws RequestError for a model that edits: it reads one picture.
 */
export async function blend(
  engine: Engine,
  request: Opened<BlendRequest>,
  options: PaintOptions = {},
): Promise<Picture[]> {
  const { images, weights, ...rest } = request;
  const shares = sharesOf(images.length, weights);
  const [first] = images as [Pixels];
  if (images.some(({ width, height }) => width !== first.width || height !== first.height)) {
    throw malformed('images', 'must have the same size: cut them to it first.');
  }
  if (purposeOf(engine.model) === 'edit') {
    throw new RequestError(`${engine.model.card.name} edits one picture, and cannot blend. Choose another model.`, {
      meaning: { code: 'cannotBlend', values: { model: engine.model.card.name } },
    });
  }
  const { prompts } = planOf(engine.model, request);
  sizeOf(engine.model, first);
  const mixed = await mixedLatents(engine, request, shares, options.signal);
  const pictures = await img2img(
    engine,
    { ...rest, image: first, latents: repeatRows(mixed, prompts.length) },
    options,
  );
  const blended = shares.map((share) => `${Math.round(100 * share)}%`).join(' + ');
  return pictures.map((picture) => ({ ...picture, parameters: { ...picture.parameters, blend: blended } }));
}

/** How much each picture counts; together 1. */
function sharesOf(count: number, weights: readonly number[] = Array(count).fill(1)): number[] {
  if (weights.length !== count) {
    throw malformed('weights', `has ${weights.length} numbers for ${count} pictures: give one for each.`);
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) throw malformed('weights', 'are all 0: one picture at least must count.');
  return weights.map((weight) => weight / sum);
}

/** The weighted mean of the pictures' most likely latents, scaled for the sampler: [1, c, h, w]. */
async function mixedLatents(
  engine: Engine,
  { images }: Opened<BlendRequest>,
  shares: readonly number[],
  signal?: AbortSignal,
): Promise<Tensor> {
  let mixed: Tensor | undefined;
  for (const [k, image] of images.entries()) {
    signal?.throwIfAborted();
    const { mean } = await posteriorOf(engine, tensorOf(image));
    mixed ??= { data: new Float32Array(mean.data.length), shape: mean.shape };
    const share = shares[k]! * engine.model.scalingFactor;
    for (let i = 0; i < mean.data.length; i++) mixed.data[i] = mixed.data[i]! + share * mean.data[i]!;
  }
  return mixed!;
}
