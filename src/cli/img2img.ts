import { inRange, wholeInRange } from '../engine/check.js';
import { EaselError } from '../engine/errors.js';
import { cover } from '../engine/image/cover.js';
import { fitToModel, loadMask, loadPicture } from '../engine/image/load.js';
import { resize } from '../engine/image/resize.js';
import type { Tensor } from '../engine/networks.js';
import { BLEND } from '../engine/pipeline/blend.js';
import { PADDING } from '../engine/pipeline/part-to-paint.js';
import { sizeStep } from '../engine/pipeline/request.js';
import { purposeOf } from '../engine/purpose.js';
import { checkChannels, checkPaintArguments } from './check-arguments.js';
import { askedControls, controlsOf } from './controls.js';
import { openFor } from './open-model.js';
import { type PaintArguments, paintArguments } from './paint-arguments.js';
import { paintBatches } from './paint-batches.js';
import { batchesOf } from './prompts.js';
import type { Report } from './report.js';
import { Saver } from './saver.js';

export interface Img2ImgArguments extends PaintArguments {
  initImg?: string;
  mask?: string;
  inpaint_full_res?: boolean;
  inpaint_full_res_padding?: number;
  strength?: number;
  image_cfg_scale?: number;
  blend?: string[];
  blend_weights?: number[];
}

/**
 * `easel img2img`: the reference's scripts/img2img.py, step by step (CompVis/stable-diffusion, main branch); and with a mask,
 * or with a model that edits, what the reference cannot do.
 */
export async function runImg2Img(args: Img2ImgArguments, report: Report, signal: AbortSignal): Promise<void> {
  if (!args.initImg) throw new EaselError('img2img starts from a picture: give its path with --init-img.');
  if (args.plms) throw new EaselError('PLMS cannot start from a picture: leave --plms out.');
  checkPaintArguments(args);
  if (args.image_cfg_scale !== undefined) inRange('--image_cfg_scale', args.image_cfg_scale, 0, 10);
  checkBlend(args);
  checkArea(args);
  const batches = await batchesOf(args);
  const asked = await askedControls(args);
  const others = await Promise.all((args.blend ?? []).map((file) => loadPicture(file)));
  const loaded = await loadPicture(args.initImg);
  const wholeMask = args.mask ? await loadMask(args.mask, loaded.width, loaded.height, { of: loaded }) : undefined;
  await using sd = await openFor(args, report, signal);
  checkChannels(sd.model, args);
  if (args.fromFile !== undefined) report.say(`reading prompts from ${args.fromFile}`);
  const card = args.weighted ? await sd.advise(batches.flat()) : sd.model.card;
  const edits = purposeOf(sd.model) === 'edit';
  if (args.image_cfg_scale !== undefined && !edits) {
    throw new EaselError(
      `--image_cfg_scale is for models that edit pictures (InstructPix2Pix). ${sd.model.card.name} does not: leave it out.`,
    );
  }
  // The reference neither masks nor edits.
  const plain = !args.mask && !edits;
  const { generator, seeds, request: common } = paintArguments(card, args, plain ? 5 : card.scale);
  const request = { ...common, strength: args.strength, imageScale: args.image_cfg_scale };
  report.say(`loaded input image of size (${loaded.width}, ${loaded.height}) from ${args.initImg}`);
  // Only the masked part is fitted to the model then.
  const image = args.inpaint_full_res ? loaded : fitToModel(loaded, sizeStep(sd.model));
  const mask = wholeMask && resize(wholeMask, image.width, image.height, 'lanczos');
  const images = [image, ...others.map((other) => cover(other, image.width, image.height))];
  const blends = others.length > 0;
  const controls = await controlsOf(sd, asked, image.width, image.height);
  const saver = await Saver.open(args, { watermark: false }, report);

  // Sampled once for all iterations; a shorter last batch uses the first rows. Variations each begin with the same sample.
  const encoded =
    plain && !blends && !args.variation_strength
      ? await sd.encode(image, args.n_samples, generator, args.tiling)
      : undefined;
  await paintBatches(args, batches, { saver, report, signal }, (prompt, painted, options) => {
    const batch = { ...request, ...seeds(painted), prompt, controls };
    if (blends) return sd.blend({ ...batch, images, weights: args.blend_weights }, options);
    if (mask) return sd.inpaint({ ...batch, ...areaOf(args), image, mask }, options);
    return sd.img2img({ ...batch, image, latents: encoded && firstRows(encoded, prompt.length) }, options);
  });
}

function checkArea({ mask, inpaint_full_res: area, inpaint_full_res_padding: padding }: Img2ImgArguments): void {
  if (area && !mask) throw new EaselError('--inpaint_full_res is about the masked part: give a mask with --mask.');
  if (padding === undefined) return;
  if (!area) throw new EaselError('--inpaint_full_res_padding only counts with --inpaint_full_res: give both.');
  wholeInRange('--inpaint_full_res_padding', padding, 0, PADDING.most);
}

function areaOf({ inpaint_full_res: area, inpaint_full_res_padding: padding }: Img2ImgArguments) {
  return area ? ({ area: 'masked', padding } as const) : {};
}

function checkBlend({ blend = [], blend_weights: weights, mask }: Img2ImgArguments): void {
  if (weights && blend.length === 0)
    throw new EaselError('--blend_weights needs pictures to blend: give them with --blend.');
  if (blend.length > 0 && mask) throw new EaselError('--blend and --mask exclude each other: leave one out.');
  const most = BLEND.most - 1;
  if (blend.length > most) throw new EaselError(`--blend takes up to ${most} pictures, got ${blend.length}.`);
  if (weights && weights.length !== blend.length + 1) {
    throw new EaselError(
      `--blend_weights has ${weights.length} numbers for ${blend.length + 1} pictures: give one for each, the first for --init-img.`,
    );
  }
}

function firstRows({ data, shape: [all, ...rest] }: Tensor, rows: number): Tensor {
  return { data: data.slice(0, (data.length / all!) * rows), shape: [rows, ...rest] };
}
