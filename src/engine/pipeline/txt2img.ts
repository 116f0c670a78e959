import { checkLatents, malformed } from '../check.js';
import { RequestError } from '../errors.js';
import type { Model } from '../model.js';
import type { Tensor } from '../networks.js';
import { purposeOf } from '../purpose.js';
import { blankMask } from './beside.js';
import { denoise } from './denoise.js';
import { type Engine, latentShape } from './engine.js';
import { finish } from './finish.js';
import { latentShapeOf } from './latent-shape.js';
import type { Picture } from './picture.js';
import type { PaintOptions } from './progress.js';
import { type Opened, planOf, sizeOf, type Txt2ImgRequest } from './request.js';
import { requireRoom } from './require-room.js';
import { startNoise } from './start-noise.js';

/**
 * From words and noise to pictures (Rombach et al. 2022; the reference's scripts/txt2img.py).
 *
 * @throws RequestError for a model that edits pictures: it has nothing to edit.
 */
export async function txt2img(
  engine: Engine,
  request: Opened<Txt2ImgRequest>,
  options: PaintOptions = {},
): Promise<Picture[]> {
  if (purposeOf(engine.model) === 'edit') {
    throw new RequestError(
      `${engine.model.card.name} edits a picture as it is told, and paints nothing from words alone. Start from a picture, and say in the prompt what to change.`,
      { meaning: { code: 'needsPicture', values: {} } },
    );
  }
  const plan = planOf(engine.model, request);
  const [width, height] = sizeOf(engine.model, request);
  requireRoom(engine, width, height, false, plan.controls);
  const shape = latentShape(engine.model, plan.prompts.length, width, height);
  if (request.latents && plan.variation) throw malformed('variation', 'and latents exclude each other: leave one out.');
  const given = request.latents && givenNoise(engine.model, request.latents, shape);

  const context = await engine.condition(plan, options);
  const extra = await blankMask(engine, shape);
  const noise = given ?? startNoise(plan, shape);
  const latents = await denoise(engine, plan, context, shape, { noise }, options, { extra });
  return finish(engine, plan, latents, options);
}

function givenNoise(model: Model, latents: Tensor | Float32Array, shape: readonly number[]): Float32Array {
  const tensor = latents instanceof Float32Array ? { data: checkLatents('latents', latents, shape), shape } : latents;
  latentShapeOf(model, tensor);
  return checkLatents('latents', tensor.data, shape);
}
