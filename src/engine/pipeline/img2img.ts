import { checkLatents, malformed } from '../check.js';
import type { Model } from '../model.js';
import type { Tensor } from '../networks.js';
import { purposeOf } from '../purpose.js';
import { blankMask, pictureToEdit } from './beside.js';
import { denoise } from './denoise.js';
import { type Engine, latentShape } from './engine.js';
import { finish } from './finish.js';
import { latentShapeOf } from './latent-shape.js';
import { encode } from './latents.js';
import type { Picture } from './picture.js';
import type { PaintOptions } from './progress.js';
import { repeatRows } from './repeat-rows.js';
import { type Img2ImgRequest, type Opened, planOf, sizeOf } from './request.js';
import { requireRoom } from './require-room.js';
import { startNoise } from './start-noise.js';

/**
 * From a picture and words to pictures: encode, noise to `strength`, denoise (SDEdit, Meng et al. 2021; the reference's
 * scripts/img2img.py). A model that edits reads the picture beside the latents, and at strength 1, its default, begins with
 * nothing but noise (diffusers' StableDiffusionInstructPix2PixPipeline). The picture's sides must fit the model:
 * `fitToModel` makes them. Latents in place of the picture, such as those of another request, are taken as they are.
 */
export async function img2img(
  engine: Engine,
  request: Opened<Img2ImgRequest>,
  options: PaintOptions = {},
): Promise<Picture[]> {
  const { model } = engine;
  const { image } = request;
  if (!image && !request.latents) throw malformed('image', 'or latents must be given: there is nothing to start from.');
  const plan = planOf(model, request);
  const edits = purposeOf(model) === 'edit';
  if (edits && !image) throw malformed('image', `must be given: ${model.card.name} reads it beside the latents.`);
  const strength = request.strength ?? (edits ? 1 : 0.75);
  const [width, height] = sizeOf(model, image ?? pictureSize(model, request.latents!));
  requireRoom(engine, width, height, edits || !request.latents, plan.controls);
  const rows = plan.prompts.length;
  const shape = latentShape(model, rows, width, height);
  const given = request.latents && latentsFor(model, request.latents, shape);

  // The order of the draws is the reference's: posterior, noise to strength, one per step.
  const fromNoise = edits && strength === 1;
  const latents = fromNoise ? undefined : (given ?? (await encode(engine, image!, rows, plan.generator)).data);
  const context = await engine.condition(plan, options);
  const extra = edits ? await pictureToEdit(engine, image!, rows) : await blankMask(engine, shape);
  const noise = startNoise(plan, shape);
  const start = latents ? { latents, noise, strength, ...(edits && { atFirstStep: true as const }) } : { noise };
  const painted = await denoise(engine, plan, context, shape, start, options, { ...(extra && { extra }) });
  return finish(engine, plan, painted, options, { strength });
}

function pictureSize(model: Model, latents: Tensor): { width: number; height: number } {
  const [, , height, width] = latentShapeOf(model, latents);
  return { width: width * model.downsampling, height: height * model.downsampling };
}

/** One row for each picture, or one for all. */
function latentsFor(model: Model, latents: Tensor, shape: readonly [number, ...number[]]): Float32Array {
  const [rows] = latentShapeOf(model, latents);
  return checkLatents('latents', rows === 1 ? repeatRows(latents, shape[0]).data : latents.data, shape);
}
