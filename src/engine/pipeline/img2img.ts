import { checkLatents } from '../check.js';
import { checkPixels } from '../image/pixels.js';
import { purposeOf } from '../purpose.js';
import { blankMask, pictureToEdit } from './beside.js';
import { denoise } from './denoise.js';
import { type Engine, latentShape } from './engine.js';
import { finish, type Picture } from './finish.js';
import { encode } from './latents.js';
import type { PaintOptions } from './progress.js';
import { checkStrength, type Img2ImgRequest, planOf, sizeOf } from './request.js';
import { requireRoom } from './require-room.js';
import { startNoise } from './start-noise.js';

/**
 * From a picture and words to pictures: encode, noise to `strength`, denoise (SDEdit, Meng et al. 2021; the reference's
 * scripts/img2img.py). A model that edits reads the picture beside the latents, and at strength 1, its default, begins with
 * nothing but noise (diffusers' StableDiffusionInstructPix2PixPipeline). The picture's sides must fit the model:
 * `fitToModel` makes them.
 */
export async function img2img(engine: Engine, request: Img2ImgRequest, options: PaintOptions = {}): Promise<Picture[]> {
  checkPixels('image', request.image);
  const plan = planOf(engine.model, request);
  const edits = purposeOf(engine.model) === 'edit';
  const strength = checkStrength(request.strength ?? (edits ? 1 : 0.75));
  const [width, height] = sizeOf(engine.model, request.image);
  requireRoom(engine, width, height, edits || !request.latents, plan.controls);
  const rows = plan.prompts.length;
  const shape = latentShape(engine.model, rows, width, height);
  const given = request.latents && checkLatents('latents', request.latents.data, shape);

  // The order of the draws is the reference's: posterior, noise to strength, one per step.
  const fromNoise = edits && strength === 1;
  const latents = fromNoise ? undefined : (given ?? (await encode(engine, request.image, rows, plan.generator)).data);
  const context = await engine.condition(plan, options);
  const extra = edits ? await pictureToEdit(engine, request.image, rows) : await blankMask(engine, shape);
  const noise = startNoise(plan, shape);
  const start = latents ? { latents, noise, strength, ...(edits && { atFirstStep: true as const }) } : { noise };
  const painted = await denoise(engine, plan, context, shape, start, options, { ...(extra && { extra }) });
  return finish(engine, plan, painted, options, { strength });
}
