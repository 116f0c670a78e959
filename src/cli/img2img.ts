import { EaselError } from '../engine/errors.js';
import { fitToModel, loadPicture } from '../engine/image/load.js';
import { checkStrength, sizeStep } from '../engine/pipeline/request.js';
import { openFor } from './open-model.js';
import { checkPaintArguments, type PaintArguments, paintArguments } from './paint-arguments.js';
import { batchesOf } from './prompts.js';
import type { Report } from './report.js';
import { Saver } from './saver.js';

export interface Img2ImgArguments extends PaintArguments {
  initImg?: string;
  strength: number;
}

/** `easel img2img`: the reference's scripts/img2img.py, step by step (CompVis/stable-diffusion, main branch). */
export async function runImg2Img(args: Img2ImgArguments, report: Report, signal: AbortSignal): Promise<void> {
  if (!args.initImg) throw new EaselError('img2img starts from a picture: give its path with --init-img.');
  if (args.plms) throw new EaselError('PLMS cannot start from a picture: leave --plms out and DDIM is used.');
  checkStrength(args.strength);
  await using sd = await openFor(args, report, signal);
  checkPaintArguments(sd.model, args);
  const batches = await batchesOf(args, report);
  const card = args.weighted ? await sd.advise(batches.flat()) : sd.model.card;
  const { generator, request } = paintArguments(card, args, 5);
  const loaded = await loadPicture(args.initImg);
  report.say(`loaded input image of size (${loaded.width}, ${loaded.height}) from ${args.initImg}`);
  const image = fitToModel(loaded, sizeStep(sd.model));
  const saver = await Saver.open(args, { watermark: false }, report);

  // Sampled once for all iterations; a shorter last batch uses the first rows.
  const encoded = await sd.encode(image, args.n_samples, generator);
  for (let iteration = 0; iteration < args.n_iter; iteration++) {
    for (const [index, prompt] of batches.entries()) {
      const label = `Iteration ${iteration + 1}/${args.n_iter}, batch ${index + 1}/${batches.length}`;
      const row = encoded.data.length / args.n_samples;
      const latents = {
        data: encoded.data.slice(0, row * prompt.length),
        shape: [prompt.length, ...encoded.shape.slice(1)],
      };
      const pictures = await sd.img2img(
        { ...request, prompt, image, latents, strength: args.strength, generator },
        { signal, onNotice: report.notice, onProgress: (progress) => report.progress(label, progress) },
      );
      await saver.add(pictures);
    }
  }
  await saver.finish();
}
