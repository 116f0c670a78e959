import { existsSync } from 'node:fs';
import { EaselError } from '../engine/errors.js';
import { latentShape } from '../engine/pipeline/engine.js';
import { sizeOf } from '../engine/pipeline/request.js';
import { elements } from '../engine/shape.js';
import { checkChannels, checkPaintArguments } from './check-arguments.js';
import { askedControls, controlsOf } from './controls.js';
import { openFor } from './open-model.js';
import { type PaintArguments, paintArguments } from './paint-arguments.js';
import { paintBatches } from './paint-batches.js';
import { batchesOf } from './prompts.js';
import type { Report } from './report.js';
import { Saver } from './saver.js';

/** Where pictures go unless another folder is given. */
export const TXT2IMG_OUTDIR = 'outputs/txt2img-samples';

export interface Txt2ImgArguments extends PaintArguments {
  H?: number;
  W?: number;
  laion400m?: boolean;
}

/** What `--laion400m` stands for in the reference's scripts/txt2img.py. The size is that of its other models. */
const LAION = {
  ckpt: 'models/ldm/text2img-large/model.ckpt',
  config: 'configs/latent-diffusion/txt2img-1p4B-eval.yaml',
  outdir: 'outputs/txt2img-samples-laion400m',
  H: 512,
  W: 512,
};

/** `easel txt2img`: the reference's scripts/txt2img.py, step by step (CompVis/stable-diffusion, main branch). */
export async function runTxt2Img(given: Txt2ImgArguments, report: Report, signal: AbortSignal): Promise<void> {
  if (given.laion400m) report.say('Falling back to LAION 400M model...');
  const args = given.laion400m ? withLaion(given) : given;
  checkPaintArguments(args);
  const batches = await batchesOf(args);
  const asked = await askedControls(args);
  await using sd = await openFor(args, report, signal);
  checkChannels(sd.model, args);
  if (args.fromFile !== undefined) report.say(`reading prompts from ${args.fromFile}`);
  const card = args.weighted ? await sd.advise(batches.flat()) : sd.model.card;
  const { generator, seeds, request } = paintArguments(card, args, 7.5);
  // The latents have `pixels / f` rows, each of which becomes `downsampling` pixels. Where the reference silently cuts
  // off a remainder, sizeOf throws and names the nearest size.
  const { f = sd.model.downsampling } = args;
  const side = (pixels = sd.model.card.nativeSize) => (pixels % f ? pixels : (pixels / f) * sd.model.downsampling);
  const [width, height] = sizeOf(sd.model, { width: side(args.W), height: side(args.H) });
  const controls = await controlsOf(sd, asked, width, height);
  const saver = await Saver.open(args, { watermark: true }, report);

  const row = elements(latentShape(sd.model, 1, width, height));
  const fixed = args.fixed_code ? generator.randn(row * args.n_samples) : undefined;
  await paintBatches(args, batches, { saver, report, signal }, (prompt, painted, options) => {
    const latents = fixed?.slice(0, row * prompt.length);
    return sd.txt2img({ ...request, prompt, width, height, controls, ...seeds(painted), latents }, options);
  });
}

/**
 * The reference replaces `--ckpt`, `--config` and `--outdir` even where they are given; here what is given is used. Its
 * YAML says what the checkpoint's shapes say, and is read only where it lies.
 */
function withLaion(args: Txt2ImgArguments): Txt2ImgArguments {
  const { ckpt, config, outdir, ...size } = LAION;
  const chosen = args.ckpt ?? args.model;
  if (chosen === undefined && !existsSync(ckpt)) {
    throw new EaselError(`There is no ${ckpt}. Put the checkpoint text2img-large there, or name it with --ckpt.`);
  }
  return {
    ...size,
    ...args,
    ...(chosen === undefined && { ckpt }),
    ...(chosen === undefined && args.config === undefined && existsSync(config) && { config }),
    ...(args.outdir === TXT2IMG_OUTDIR && { outdir }),
  };
}
