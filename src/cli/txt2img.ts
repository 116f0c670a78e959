import { EaselError } from '../engine/errors.js';
import { latentShape } from '../engine/pipeline/engine.js';
import { sizeOf } from '../engine/pipeline/request.js';
import { elements } from '../engine/shape.js';
import { openFor } from './open-model.js';
import { checkPaintArguments, type PaintArguments, paintArguments } from './paint-arguments.js';
import { batchesOf } from './prompts.js';
import type { Report } from './report.js';
import { Saver } from './saver.js';

export interface Txt2ImgArguments extends PaintArguments {
  H?: number;
  W?: number;
  laion400m?: boolean;
}

/** `easel txt2img`: the reference's scripts/txt2img.py, step by step (CompVis/stable-diffusion, main branch). */
export async function runTxt2Img(args: Txt2ImgArguments, report: Report, signal: AbortSignal): Promise<void> {
  if (args.laion400m) {
    throw new EaselError(
      'The LAION-400M model reads prompts with BERT instead of CLIP: Easel cannot run it. Leave --laion400m out.',
    );
  }
  await using sd = await openFor(args, report);
  checkPaintArguments(sd.model, args);
  const batches = await batchesOf(args, report);
  const card = args.weighted ? await sd.advise(batches.flat()) : sd.model.card;
  const { generator, request } = paintArguments(card, args, 7.5);
  // The latents have `pixels / f` rows, each of which becomes `downsampling` pixels. Where the reference silently cuts
  // off a remainder, sizeOf throws and names the nearest size.
  const side = (given = sd.model.card.nativeSize) =>
    given % args.f ? given : (given / args.f) * sd.model.downsampling;
  const [width, height] = sizeOf(sd.model, { width: side(args.W), height: side(args.H) });
  const saver = await Saver.open(args, { watermark: true }, report);

  const row = elements(latentShape(sd.model, 1, width, height));
  const fixed = args.fixed_code ? generator.randn(row * args.n_samples) : undefined;
  for (let iteration = 0; iteration < args.n_iter; iteration++) {
    for (const [index, prompt] of batches.entries()) {
      const label = `Iteration ${iteration + 1}/${args.n_iter}, batch ${index + 1}/${batches.length}`;
      const pictures = await sd.txt2img(
        { ...request, prompt, width, height, generator, noise: fixed?.slice(0, row * prompt.length) },
        { signal, onNotice: report.notice, onProgress: (progress) => report.progress(label, progress) },
      );
      await saver.add(pictures);
    }
  }
  await saver.finish();
}
