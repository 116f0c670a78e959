import { checkLatents } from '../check.js';
import { elements } from '../shape.js';
import { denoise } from './denoise.js';
import { type Engine, latentShape } from './engine.js';
import { finish, type Picture } from './finish.js';
import { blankConditioning } from './inpaint.js';
import type { PaintOptions } from './progress.js';
import { planOf, sizeOf, type Txt2ImgRequest } from './request.js';
import { requireRoom } from './require-room.js';

/** From words and noise to pictures (Rombach et al. 2022; the reference's scripts/txt2img.py). */
export async function txt2img(engine: Engine, request: Txt2ImgRequest, options: PaintOptions = {}): Promise<Picture[]> {
  const plan = planOf(engine.model, request);
  const [width, height] = sizeOf(engine.model, request);
  requireRoom(engine, width, height, false);
  const shape = latentShape(engine.model, plan.prompts.length, width, height);
  const given = request.noise && checkLatents('noise', request.noise, shape);

  const context = await engine.condition(plan, options);
  const extra = await blankConditioning(engine, shape);
  const noise = given ?? plan.generator.randn(elements(shape));
  const latents = await denoise(engine, plan, context, shape, { noise }, options, { extra });
  return finish(engine, plan, latents, options);
}
