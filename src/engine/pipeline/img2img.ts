import { checkLatents } from '../check.js';
import { checkPixels } from '../image/pixels.js';
import { elements } from '../shape.js';
import { denoise } from './denoise.js';
import { type Engine, latentShape } from './engine.js';
import { finish, type Picture } from './finish.js';
import { blankConditioning } from './inpaint.js';
import { encode } from './latents.js';
import type { PaintOptions } from './progress.js';
import { checkStrength, type Img2ImgRequest, planOf, sizeOf } from './request.js';
import { requireRoom } from './require-room.js';

/**
 * From a picture and words to pictures: encode, noise to `strength`, denoise (SDEdit, Meng et al. 2021; the reference's
 * scripts/img2img.py). The picture's sides must fit the model: `fitToModel` makes them.
 */
export async function img2img(engine: Engine, request: Img2ImgRequest, options: PaintOptions = {}): Promise<Picture[]> {
  checkPixels('image', request.image);
  const plan = planOf(engine.model, request);
  const strength = checkStrength(request.strength ?? 0.75);
  const [width, height] = sizeOf(engine.model, request.image);
  requireRoom(engine, width, height, !request.latents);
  const shape = latentShape(engine.model, plan.prompts.length, width, height);
  const given = request.latents && checkLatents('latents', request.latents.data, shape);

  // The order of the draws is the reference's: posterior, noise to strength, one per step.
  const latents = given ?? (await encode(engine, request.image, plan.prompts.length, plan.generator)).data;
  const context = await engine.condition(plan, options);
  const extra = await blankConditioning(engine, shape);
  const noise = plan.generator.randn(elements(shape));
  const start = { latents, noise, strength };
  const painted = await denoise(engine, plan, context, shape, start, options, { extra });
  return finish(engine, plan, painted, options, { strength });
}
