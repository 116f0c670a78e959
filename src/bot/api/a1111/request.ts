import { nearestSide, sizeStep } from '../../../engine/pipeline/request.js';
import { checkSeed, MAX_SEED, randomSeed } from '../../../engine/random/seed.js';
import type { MaskReading, PictureSize } from '../../painter/messages.js';
import type { PaintRequest, SingleRequest } from '../../request/paint-request.js';
import { atMost, MOST_MASKED, type Size } from '../../request/size.js';
import { ApiError } from '../api-error.js';
import type { Uploads } from '../uploads.js';
import type { Common, Img2Img, Txt2Img } from './fields.js';
import type { Chosen } from './options.js';
import { pictureIn } from './pictures.js';
import { samplerFrom } from './samplers.js';

type Painting = Exclude<SingleRequest, { kind: 'outpaint' | 'blend' | 'upscale' }>;

/** Seeds there have 64 bits; a request here is painted from 32. */
function seedFrom(seed: number): number {
  if (seed < 0) return randomSeed();
  if (seed > MAX_SEED) throw new ApiError(422, `Seeds are at most ${MAX_SEED} here.`);
  return checkSeed(seed);
}

/** @throws ApiError if there is none of that name. */
function samplerOf(name: string | null, scheduler: string | null): string {
  const found = samplerFrom(name || 'Euler', scheduler);
  if ('missing' in found) throw new ApiError(404, `${found.missing} not found`);
  return found.sampler;
}

/** The values of `inpainting_fill` (modules/ui.py, masked content). */
const FILLS = ['surroundings', 'original', 'noise', 'nothing'] as const;

/** What both have. @throws ApiError */
function commonOf({ offered: { name, model }, clipSkip }: Chosen, fields: Common) {
  if (fields.script_name) throw new ApiError(422, `Script '${fields.script_name}' not found`);
  const [script] = Object.keys(fields.alwayson_scripts);
  if (script !== undefined) throw new ApiError(422, `Script '${script}' not found`);
  const { nativeSize } = model.card;
  const side = (asked: number) => nearestSide(asked || nativeSize, sizeStep(model));
  const varies = fields.subseed_strength > 0;
  return {
    prompt: fields.prompt,
    negative: fields.negative_prompt,
    width: side(fields.width),
    height: side(fields.height),
    count: fields.batch_size * fields.n_iter,
    steps: fields.steps,
    scale: fields.cfg_scale,
    sampler: samplerOf(fields.sampler_name || fields.sampler_index, fields.scheduler),
    seed: seedFrom(fields.seed),
    model: name,
    ...(varies && { variation: { seed: seedFrom(fields.subseed), strength: fields.subseed_strength } }),
    ...(clipSkip > 1 && { clipSkip }),
    ...(fields.tiling && { tile: 'both' as const }),
  };
}

/** A picture from words. @throws ApiError */
export function fromWords(chosen: Chosen, fields: Txt2Img): Painting {
  if (fields.enable_hr) secondSampler(fields);
  return { kind: 'txt2img', ...commonOf(chosen, fields) };
}

/** The second pass has the first's sampler and spacing where it names none (modules/processing.py). @throws ApiError */
function secondSampler(fields: Txt2Img): string {
  const [sampler, scheduler] = [fields.hr_sampler_name, fields.hr_scheduler];
  return samplerOf(
    sampler && sampler !== 'Use same sampler' ? sampler : fields.sampler_name || fields.sampler_index,
    scheduler && scheduler !== 'Use same scheduler' ? scheduler : fields.scheduler,
  );
}

/** From a picture, or the masked part of it. @throws ApiError, RequestError */
export async function fromPicture(uploads: Uploads, chosen: Chosen, fields: Img2Img): Promise<Painting> {
  const [encoded, ...more] = fields.init_images ?? [];
  if (encoded === undefined) throw new ApiError(404, 'Init image not found');
  if (more.length > 0)
    throw new ApiError(422, 'One init image a request, please: send the others in requests of their own.');
  const image = pictureIn(encoded);
  const common = commonOf(chosen, fields);
  const { width, height } = common;
  const strength = fields.denoising_strength;
  // "Just resize", of pixels or of latents, keeps no shape; "resize and fill" is cut here, as "crop and resize".
  const how = fields.resize_mode === 0 || fields.resize_mode === 3 ? 'stretch' : 'cover';
  const mask = fields.mask ? pictureIn(fields.mask) : null;
  if (!mask) {
    return { kind: 'img2img', ...common, strength, source: await uploads.resized(image, { width, height }, how) };
  }
  const fill = FILLS[fields.inpainting_fill]!;
  const repaint = fields.inpainting_mask_invert ? 'dark' : 'light';
  const reading = { repaint, how: 'stretch', blur: fields.mask_blur } as const;
  if (!fields.inpaint_full_res) {
    const [source, part] = [
      await uploads.resized(image, { width, height }, how),
      await maskOf(uploads, mask, { width, height }, { ...reading, how }),
    ];
    return { kind: 'inpaint', ...common, strength, fill, source, mask: part };
  }
  // "Only masked": the picture keeps its size, and the part is painted as large as was asked for.
  const own = await uploads.size(image);
  const [wide, high]: Size = atMost([own.width, own.height], MOST_MASKED);
  const source = await uploads.keep(image);
  const part = await maskOf(uploads, mask, own, reading);
  const masked = { pixels: width * height, padding: fields.inpaint_full_res_padding };
  return { kind: 'inpaint', ...common, width: wide, height: high, strength, fill, source, mask: part, masked };
}

async function maskOf(uploads: Uploads, mask: Uint8Array, size: PictureSize, reading: MaskReading): Promise<string> {
  const part = await uploads.mask(mask, size, reading);
  if (part === null) throw new ApiError(422, 'Nothing in the mask is to be painted.');
  return part;
}

/** The second pass of "Hires. fix", over picture k of the first. */
export function secondPass(
  { kind: _, ...first }: Painting,
  fields: Txt2Img,
  source: string,
  k: number,
  upscalers: readonly { readonly name: string }[],
): PaintRequest {
  const { hr_resize_x: wide, hr_resize_y: high } = fields;
  const sizes = [wide / first.width, high / first.height].filter((ratio) => ratio > 0);
  const factor = Math.min(4, Math.max(1, sizes.length > 0 ? Math.max(...sizes) : fields.hr_scale));
  // Of AUTOMATIC1111's own, which are many, each comes nearest to what there is without one.
  const upscaler = upscalers.find(({ name }) => name === fields.hr_upscaler)?.name;
  return {
    ...first,
    kind: 'upscale',
    prompt: fields.hr_prompt || first.prompt,
    negative: fields.hr_negative_prompt || first.negative,
    width: first.width * factor,
    height: first.height * factor,
    count: 1,
    steps: fields.hr_second_pass_steps || first.steps,
    sampler: secondSampler(fields),
    ...(first.variation
      ? { variation: { ...first.variation, seed: first.variation.seed + k } }
      : { seed: first.seed + k }),
    source,
    factor,
    strength: fields.denoising_strength,
    ...(upscaler !== undefined && { upscaler }),
  };
}
