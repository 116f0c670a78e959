import { cacheFolder } from '../config.js';
import { inRange } from '../engine/check.js';
import { EaselError } from '../engine/errors.js';
import { loadAlpha } from '../engine/image/alpha.js';
import { encodePng } from '../engine/image/encode.js';
import { fitToModel, loadPicture } from '../engine/image/load.js';
import { withEnlarging } from '../engine/image/metadata/enlarged.js';
import type { GenerationParameters, ReadParameters } from '../engine/image/metadata/parameters.js';
import { readMetadata } from '../engine/image/metadata.js';
import type { Pixels } from '../engine/image/pixels.js';
import { resize } from '../engine/image/resize.js';
import { readPictureFile } from '../engine/image/source.js';
import type { PaintOptions } from '../engine/pipeline/progress.js';
import { sizeStep } from '../engine/pipeline/request.js';
import type { Precision } from '../engine/runtime/precision.js';
import type { StableDiffusion } from '../engine/stable-diffusion.js';
import type { Upscaler } from '../engine/upscaler/upscaler.js';
import { checkRanges } from './check-arguments.js';
import { type ModelArguments, openFor } from './open-model.js';
import { Outdir } from './outdir.js';
import { pictureFiles } from './picture-files.js';
import type { Report } from './report.js';
import { noUpscaler, OpenUpscalers, upscalerFor, upscalerNamed } from './upscalers.js';

export interface UpscaleArguments extends Omit<ModelArguments, 'vaeTiling' | 'precision'> {
  precision?: Precision;
  with?: string;
  by?: number;
  denoise_strength?: number;
  details?: boolean;
  outdir: string;
  prompt?: string;
  negative?: string;
  strength?: number;
  ddim_steps?: number;
  scale?: number;
  seed?: number;
  json?: boolean;
}

/** Options that say how details are painted. */
const OF_DETAILS = [
  'prompt',
  'negative',
  'strength',
  'ddim_steps',
  'scale',
  'seed',
  'model',
  'ckpt',
  'precision',
] as const;

interface Enlarged {
  readonly pixels: Pixels;
  readonly parameters: GenerationParameters | ReadParameters;
  readonly flagged: boolean;
}

/** `easel upscale`: pictures made larger by an upscaler, by a model that paints details, or by both. */
export async function runUpscale(
  args: UpscaleArguments,
  paths: readonly string[],
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  if (args.by !== undefined) inRange('--by', args.by, 1, args.details ? 4 : 8);
  if (args.denoise_strength !== undefined) inRange('--denoise_strength', args.denoise_strength, 0, 1);
  checkRanges(args);
  const given = OF_DETAILS.find((name) => args[name] !== undefined);
  if (given && !args.details) throw new EaselError(`--${given} is for painting details: add --details.`);
  const files = await pictureFiles(paths);
  const named = args.with === undefined ? undefined : await upscalerNamed(args.with);
  const { device, threads, denoise_strength: denoise } = args;
  const options = {
    device,
    cache: cacheFolder(),
    ...(threads && { threads }),
    ...(denoise !== undefined && { denoise }),
  };
  await using upscalers = new OpenUpscalers(options);
  // A file that is none is told before a model is opened.
  if (named !== undefined) await upscalers.at(named);
  await using sd = args.details
    ? await openFor({ precision: 'autocast', ...args, vaeTiling: 'auto' }, report, signal)
    : undefined;
  const quiet = sd !== undefined && paintsNothing(sd, args);
  if (quiet) {
    const { name } = sd.model.card;
    report.notice(
      `${name} paints small pictures, and over larger ones no details, so that this only enlarges. Name a larger model with --model, or say how much it may change with --strength 0.2.`,
    );
  }
  const outdir = await Outdir.open(args.outdir);
  for (const file of files) {
    const bytes = await readPictureFile(file);
    const picture = await loadPicture(bytes, { name: file });
    const made = await readMetadata(bytes);
    const path = named ?? (await upscalerFor(made?.model));
    // Details are painted with Lanczos, too.
    if (path === undefined && !args.details) throw await noUpscaler(file);
    const upscaler = path === undefined ? undefined : await upscalers.at(path);
    const factor = args.by ?? (args.details ? 2 : upscaler!.scale);
    const { pixels, parameters, flagged } = sd
      ? await withModel(sd, upscaler, args, picture, made, factor, { signal, ...reports(file, report, quiet) })
      : await alone(upscaler!, picture, made, factor, { signal, ...reports(file, report, quiet) });
    const alpha = await loadAlpha(bytes, { name: file });
    const opacity = alpha && resize(alpha, pixels.width, pixels.height, 'lanczos');
    const to = await outdir.addSample(await encodePng(pixels, parameters, opacity));
    report.say(`${file}: ${picture.width}x${picture.height} to ${pixels.width}x${pixels.height}, ${to}`);
    report.event({
      event: 'picture',
      from: file,
      path: to,
      width: pixels.width,
      height: pixels.height,
      flagged,
      parameters,
    });
  }
  report.event({ event: 'done', outdir: args.outdir });
}

/** The model's card advises to leave enlarged pictures as they are, and nobody said otherwise. */
function paintsNothing({ model }: StableDiffusion, { strength }: UpscaleArguments): boolean {
  return strength === undefined && model.card.upscaleStrength === 0;
}

function reports(label: string, report: Report, quiet: boolean): Pick<PaintOptions, 'onProgress' | 'onNotice'> {
  return {
    onProgress: (progress) => report.progress(label, progress),
    // Before the first picture it was said with more words.
    onNotice: (text, { code }) => (quiet && code === 'strengthZero' ? undefined : report.notice(text)),
  };
}

async function alone(
  upscaler: Upscaler,
  picture: Pixels,
  made: ReadParameters | null,
  factor: number,
  { signal, onProgress }: PaintOptions,
): Promise<Enlarged> {
  const pixels = await upscaler.enlarge(picture, {
    factor,
    ...(signal && { signal }),
    onProgress: (progress) => onProgress?.({ ...progress, previews: async () => [] }),
  });
  return { pixels, parameters: withEnlarging(made, factor, upscaler.name), flagged: false };
}

async function withModel(
  sd: StableDiffusion,
  upscaler: Upscaler | undefined,
  args: UpscaleArguments,
  picture: Pixels,
  made: ReadParameters | null,
  factor: number,
  options: PaintOptions,
): Promise<Enlarged> {
  const [painted] = await sd.upscale(
    {
      image: fitToModel(picture, sizeStep(sd.model)),
      prompt: args.prompt ?? made?.prompt ?? '',
      negative: args.negative ?? made?.negative ?? '',
      factor,
      seed: args.seed ?? 42,
      syntax: 'plain',
      ...(upscaler && { upscaler }),
      ...(args.strength !== undefined && { strength: args.strength }),
      ...(args.ddim_steps !== undefined && { steps: args.ddim_steps }),
      ...(args.scale !== undefined && { scale: args.scale }),
    },
    options,
  );
  return painted!;
}
