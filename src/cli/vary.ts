import { AREA_WEIGHT, sizeNear } from '../bot/request/size.js';
import { EaselError } from '../engine/errors.js';
import { fitToModel, loadPicture } from '../engine/image/load.js';
import type { ReadParameters } from '../engine/image/metadata/parameters.js';
import { readMetadata } from '../engine/image/metadata.js';
import type { Pixels } from '../engine/image/pixels.js';
import { resize } from '../engine/image/resize.js';
import { readPictureFile } from '../engine/image/source.js';
import { sizeStep } from '../engine/pipeline/request.js';
import { purposeOf } from '../engine/purpose.js';
import { randomSeed } from '../engine/random/seed.js';
import type { StableDiffusion } from '../engine/stable-diffusion.js';
import { checkPaintArguments } from './check-arguments.js';
import { modelCalled, openFor } from './open-model.js';
import { type PaintArguments, paintArguments } from './paint-arguments.js';
import { paintBatches } from './paint-batches.js';
import { argumentsOf, seedOf } from './painted-as.js';
import { pictureFiles } from './picture-files.js';
import { batchesOf } from './prompts.js';
import type { Report } from './report.js';
import { Saver } from './saver.js';

export interface VaryArguments extends Omit<PaintArguments, 'prompt' | 'negative' | 'seed' | 'rng'> {
  prompt?: string;
  negative?: string;
  seed?: number;
  subtle?: boolean;
  strength?: number;
}

/** The bot's: what V changes; and S, as a part of another seed's noise, or of V where there is no such noise. */
const STRONG = 0.6;
const SUBTLE = { variation: 0.2, strength: 0.5 } as const;

/** A picture to vary. */
interface Source {
  readonly file: string;
  readonly picture: Pixels;
  readonly made: ReadParameters | null;
  /** Where it was painted from noise alone. */
  readonly seed: number | null;
}

/**
 * `easel vary`: other versions of pictures, as the bot's buttons V and S paint them. What was not typed is read from each
 * picture, its model included. Where that is not here or another was typed, only the words are read: size and settings are
 * the painting model's.
 */
export async function runVary(
  args: VaryArguments,
  paths: readonly string[],
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  checkVary(args);
  const files = await pictureFiles(paths);
  // Before a model, so that what is wrong with the last one is said first.
  for (const file of files) check(await sourceOf(file), args);
  let open: { readonly model: string | undefined; readonly sd: StableDiffusion } | undefined;
  try {
    for (const file of files) {
      const source = await sourceOf(file);
      const model = await modelOf(source, args, report);
      if (!open || open.model !== model) {
        await open?.sd.close();
        open = undefined;
        open = { model, sd: await openFor({ ...args, ...(model !== undefined && { ckpt: model }) }, report, signal) };
      }
      await vary(open.sd, source, args, report, signal);
    }
    report.event({ event: 'done', outdir: args.outdir });
  } finally {
    await open?.sd.close();
  }
}

async function vary(
  sd: StableDiffusion,
  source: Source,
  given: VaryArguments,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const { file, picture, made } = source;
  const edits = purposeOf(sd.model) === 'edit';
  const own = made && !made.unread ? made : null;
  const another = own?.model !== undefined && own.model !== sd.model.card.name;
  if (edits && given.prompt === undefined && own?.model !== sd.model.card.name) {
    throw new EaselError(`${sd.model.card.name} edits a picture as it is told: say with --prompt what to change.`);
  }
  const varied = variationIn(given);
  if (another && varied) {
    throw new EaselError(
      `${file} was painted with ${own.model}: the same noise is another picture to ${sd.model.card.name}. Use --strength instead of --${varied}.`,
    );
  }
  const { seed = randomSeed(), ...typed } = given;
  const { prompt = '', negative = '', weighted, ...settings } = own ? argumentsOf(own) : {};
  const read = { prompt, negative, ...(weighted !== undefined && { weighted }), ...(!another && settings) };
  // Whoever types a prompt says how it is meant.
  const words = typed.prompt === undefined ? {} : { negative: '', weighted: false };
  // Only the sampler that it was painted with is known to take it.
  const eta = typed.sampler ? { ddim_eta: undefined } : {};
  const args = { rng: 'cpu' as const, ...read, ...words, ...eta, ...typed, seed };
  const batches = await batchesOf(args);
  const card = args.weighted ? await sd.advise(batches.flat()) : sd.model.card;
  const { request } = paintArguments(card, args, card.scale);
  report.say(`loaded input image of size (${picture.width}, ${picture.height}) from ${file}`);
  const saver = await Saver.open(args, { watermark: false, from: file }, report);
  const ofNoise = source.seed !== null && !edits && own?.model === sd.model.card.name;
  const mixed =
    given.variation_strength ??
    (given.subtle && (ofNoise || given.variation_seed !== undefined) ? SUBTLE.variation : undefined);
  const strength = given.strength ?? (edits ? 1 : STRONG) * (given.subtle ? SUBTLE.strength : 1);
  const other = given.variation_seed ?? seed;
  const image = another ? asLargeAsOwn(sd, picture) : fitToModel(picture, sizeStep(sd.model));
  await paintBatches(args, batches, { saver, report, signal }, (prompt, painted, options) => {
    const next = (seed + painted) % 2 ** 32;
    const common = { ...request, prompt, rng: args.rng };
    if (mixed === undefined) return sd.img2img({ ...common, image, strength, seed: next }, options);
    const { width, height } = picture;
    const variation = { seed: (other + painted) % 2 ** 32, strength: mixed };
    return sd.txt2img({ ...common, width, height, seed: source.seed!, variation }, options);
  });
}

/** What another model painted, as large as the bot has it for this one. */
function asLargeAsOwn({ model }: StableDiffusion, picture: Pixels): Pixels {
  const own = [picture.width, picture.height] as const;
  const [width, height] = sizeNear(own, model.card.nativeSize ** 2, sizeStep(model), AREA_WEIGHT.picture);
  return resize(picture, width, height, 'lanczos');
}

function checkVary(args: VaryArguments): void {
  const subtle = args.subtle && { variation_strength: SUBTLE.variation };
  checkPaintArguments({ prompt: '', negative: '', seed: 0, rng: 'cpu', ...subtle, ...args });
  if (args.variation_seed !== undefined && args.seed !== undefined) {
    throw new EaselError('--variation_seed and --seed both say whose noise is mixed in: leave one out.');
  }
  const how = (['subtle', 'strength', 'variation_strength'] as const).filter((name) => args[name] !== undefined);
  if (how.length < 2) return;
  throw new EaselError(`--${how[0]} and --${how[1]} exclude each other: each says how much to change.`);
}

async function sourceOf(file: string): Promise<Source> {
  const bytes = await readPictureFile(file);
  const picture = await loadPicture(bytes, { name: file });
  const made = await readMetadata(bytes);
  return { file, picture, made, seed: seedOf(made, picture) };
}

/** The option that was typed for another noise, if any. */
function variationIn(args: VaryArguments): 'variation_strength' | 'variation_seed' | undefined {
  return (['variation_strength', 'variation_seed'] as const).find((name) => args[name] !== undefined);
}

function check({ file, seed }: Source, args: VaryArguments): void {
  const given = variationIn(args);
  if (given === undefined || seed !== null) return;
  throw new EaselError(
    `${file} does not say which seed's noise Easel painted it from, and nothing else, so there is none to vary. Use --strength instead of --${given}.`,
  );
}

/** The path of the model to open; undefined for what was typed, or else for the one that paints where none is named. */
async function modelOf({ file, made }: Source, args: VaryArguments, report: Report): Promise<string | undefined> {
  if (args.model !== undefined || args.ckpt !== undefined || made?.model === undefined) return undefined;
  const found = await modelCalled(made.model);
  if (found === undefined) report.notice(`${file} was painted with ${made.model}, which is not here: another paints.`);
  return found;
}
