import { BLEND } from '../../../engine/pipeline/blend.js';
import { randomSeed } from '../../../engine/random/seed.js';
import { defaultsFor } from '../../intake/defaults.js';
import { INPAINTING_STRENGTH } from '../../intake/from-picture.js';
import { type OfferedModel, sizeFrom, variationStrength } from '../../models/models.js';
import { BLEND_STRENGTH } from '../../request/bounds.js';
import type { PaintRequest } from '../../request/paint-request.js';
import { samplerOf } from '../../request/samplers.js';
import type { Size } from '../../request/size.js';
import { DEFAULTS } from '../../rules/settings.js';
import { ApiError } from '../api-error.js';
import { nearestSize } from '../sizes.js';
import type { Uploads } from '../uploads.js';
import { type Fields, sizeIn } from './fields.js';

/** A picture from words. @throws Refusal for a sampler that there is not. */
export async function fromWords(offered: OfferedModel, fields: Fields): Promise<PaintRequest> {
  const { nativeSize } = offered.model.card;
  const size = nearestSize(offered.model, sizeIn(fields.size) ?? [nativeSize, nativeSize]);
  return { kind: 'txt2img', ...(await commonOf(offered, fields, size)) };
}

export interface GivenPictures {
  readonly images: readonly Uint8Array[];
  /** Transparent where it is repainted. */
  readonly mask?: Uint8Array | undefined;
}

/**
 * From pictures: what is transparent in the mask, or without one in the picture itself, is repainted. If nothing is, the
 * whole picture changes as far as the strength lets it; several are blended.
 *
 * @throws Refusal, RequestError, ApiError
 */
export async function fromPictures(
  uploads: Uploads,
  offered: OfferedModel,
  fields: Fields & { readonly strength?: number | undefined },
  { images, mask }: GivenPictures,
): Promise<PaintRequest> {
  const [image] = images;
  if (!image) throw new ApiError(400, 'There is no picture: send one in `image`.', { param: 'image' });
  const { model } = offered;
  const upload = await uploads.size(image);
  const wanted = sizeIn(fields.size);
  const own: Size = [upload.width, upload.height];
  const size = wanted ? nearestSize(model, wanted) : sizeFrom(model, own);
  const [width, height] = size;
  const common = await commonOf(offered, fields, size);
  const source = await uploads.resized(image, { width, height }, 'cover');
  if (images.length > 1) {
    if (mask) throw new ApiError(400, 'A mask is for one picture: send one, or leave the mask out.', { param: 'mask' });
    if (images.length > BLEND.most) {
      throw new ApiError(400, `At most ${BLEND.most} pictures can be combined.`, { param: 'image' });
    }
    const others = await Promise.all(images.slice(1).map((other) => uploads.keep(other)));
    const strength = fields.strength ?? BLEND_STRENGTH;
    return { kind: 'blend', ...common, source, others, weights: images.map(() => 1), strength };
  }
  const masked = await maskOf(uploads, mask ?? image, { width, height }, own);
  if (masked !== null) {
    return { kind: 'inpaint', ...common, source, mask: masked, strength: fields.strength ?? INPAINTING_STRENGTH };
  }
  if (mask)
    throw new ApiError(400, 'Nothing in the mask is transparent, so nothing would be edited.', { param: 'mask' });
  return { kind: 'img2img', ...common, source, strength: fields.strength ?? variationStrength(model) };
}

/** Cut like its picture. OpenAI refuses masks of another shape. */
async function maskOf(
  uploads: Uploads,
  mask: Uint8Array,
  size: { readonly width: number; readonly height: number },
  [width, height]: Size,
): Promise<string | null> {
  const found = await uploads.size(mask);
  if (found.width !== width || found.height !== height) {
    throw new ApiError(400, `The mask is ${found.width}x${found.height}, and the picture ${width}x${height}.`, {
      param: 'mask',
    });
  }
  return uploads.mask(mask, size, { repaint: 'transparent', how: 'cover', blur: 0 });
}

async function commonOf({ name, model }: OfferedModel, fields: Fields, [width, height]: Size) {
  const prompt = fields.prompt ?? '';
  const usual = await defaultsFor(model.card, DEFAULTS, prompt);
  return {
    prompt,
    negative: fields.negative_prompt ?? '',
    width,
    height,
    count: fields.n ?? 1,
    ...usual,
    steps: fields.steps ?? usual.steps,
    scale: fields.scale ?? usual.scale,
    sampler: samplerOf(fields.sampler ?? null, usual.sampler),
    seed: fields.seed ?? randomSeed(),
    model: name,
  };
}
