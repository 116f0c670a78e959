import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { wholeInRange } from '../engine/check.js';
import { EaselError } from '../engine/errors.js';
import { loadAlpha } from '../engine/image/alpha.js';
import { fitToModel, loadMask, loadPicture } from '../engine/image/load.js';
import type { Pixels } from '../engine/image/pixels.js';
import { maskedRegion } from '../engine/image/region.js';
import { resize } from '../engine/image/resize.js';
import { readPictureFile } from '../engine/image/source.js';
import { PADDING } from '../engine/pipeline/part-to-paint.js';
import { type InpaintArea, type InpaintFill, sizeStep } from '../engine/pipeline/request.js';
import type { StableDiffusion } from '../engine/stable-diffusion.js';
import { checkChannels, checkPaintArguments } from './check-arguments.js';
import { type AskedControl, askedControls, controlsOf } from './controls.js';
import { openFor } from './open-model.js';
import { type PaintArguments, paintArguments } from './paint-arguments.js';
import { paintBatches } from './paint-batches.js';
import { batchesOf } from './prompts.js';
import type { Report } from './report.js';
import { Saver } from './saver.js';
import { withStoredWords } from './stored-words.js';

export interface InpaintArguments extends Omit<PaintArguments, 'prompt'> {
  prompt?: string;
  initImg?: string;
  mask?: string;
  indir?: string;
  area: InpaintArea;
  padding?: number;
  fill: InpaintFill;
  strength?: number;
  steps?: number;
}

/** A picture to repaint. Without a mask, its transparent part is. */
interface Input {
  readonly image: string;
  readonly mask?: string | undefined;
}

/**
 * `easel inpaint`: the part of a picture that a mask shows, or that is transparent, painted anew in the manner of img2img. The
 * pictures of a folder are paired with their masks as in the reference's scripts/inpaint.py.
 */
export async function runInpaint(
  { steps, ...given }: InpaintArguments,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  if (steps !== undefined && given.ddim_steps !== undefined) {
    throw new EaselError('--steps and --ddim_steps are the same: leave one out.');
  }
  const args = steps === undefined ? given : { ...given, ddim_steps: steps };
  if (args.plms) throw new EaselError('PLMS cannot start from a picture: leave --plms out.');
  checkArea(args);
  checkPaintArguments({ ...args, prompt: args.prompt ?? '' });
  const inputs = await inputsOf(args);
  if (args.indir) report.say(`Found ${inputs.length} inputs.`);
  const asked = await askedControls(args);
  // All that is read later is read once before the model is opened: what is wrong with it is said first.
  await batchesOf({ ...args, prompt: '' });
  for (const input of inputs) await opened(input);
  await using sd = await openFor(args, report, signal);
  checkChannels(sd.model, args);
  if (args.fromFile !== undefined) report.say(`reading prompts from ${args.fromFile}`);
  for (const input of inputs) await repaint(sd, asked, input, args, report, signal);
  report.event({ event: 'done', outdir: args.outdir });
}

async function repaint(
  sd: StableDiffusion,
  asked: readonly AskedControl[],
  input: Input,
  given: InpaintArguments,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const loaded = await opened(input);
  const args = await withStoredWords(given, loaded.bytes);
  const batches = await batchesOf(args);
  const card = args.weighted ? await sd.advise(batches.flat()) : sd.model.card;
  const { seeds, request: common } = paintArguments(card, args, card.scale);
  report.say(`loaded input image of size (${loaded.image.width}, ${loaded.image.height}) from ${input.image}`);
  // Only the masked part is fitted to the model then.
  const image = args.area === 'masked' ? loaded.image : fitToModel(loaded.image, sizeStep(sd.model));
  const mask = resize(loaded.mask, image.width, image.height, 'lanczos');
  const controls = await controlsOf(sd, asked, image.width, image.height);
  const { area, padding, fill, strength } = args;
  const request = { ...common, image, mask, controls, area, padding, fill, strength };
  const saver = await Saver.open(args, { watermark: false, from: input.image }, report);
  await paintBatches(args, batches, { saver, report, signal }, (prompt, painted, options) =>
    sd.inpaint({ ...request, ...seeds(painted), prompt }, options),
  );
  // Before the next picture opens its own.
  for (const { net } of controls) await net.release();
}

function checkArea({ area, padding }: InpaintArguments): void {
  if (padding === undefined) return;
  if (area !== 'masked') throw new EaselError('--padding only counts with --area masked: give both.');
  wholeInRange('--padding', padding, 0, PADDING.most);
}

/** @throws EaselError unless there is something to repaint. */
async function inputsOf({ initImg, mask, indir }: InpaintArguments): Promise<Input[]> {
  if (indir === undefined) {
    if (!initImg) throw new EaselError('inpaint repaints a part of a picture: give its path with --init-img.');
    return [{ image: initImg, mask }];
  }
  const other = initImg ? '--init-img' : mask ? '--mask' : undefined;
  if (other) throw new EaselError(`--indir and ${other} exclude each other: leave one out.`);
  const names = await readdir(indir).catch((cause: NodeJS.ErrnoException) => {
    throw new EaselError(`Cannot read the folder ${indir} (${cause.code}). Check the path after --indir.`, { cause });
  });
  const masks = names.filter((name) => name.endsWith(MASK)).sort();
  if (masks.length === 0) {
    throw new EaselError(`There is no mask in ${indir}. A picture NAME.png needs its mask beside it, as NAME${MASK}.`);
  }
  return masks.map((name) => ({ image: join(indir, `${name.slice(0, -MASK.length)}.png`), mask: join(indir, name) }));
}

/** What the names of masks end in. */
const MASK = '_mask.png';

async function opened({ image: path, mask: maskPath }: Input) {
  const bytes = await readPictureFile(path);
  const image = await loadPicture(bytes, { name: path });
  const { width, height } = image;
  const mask = maskPath ? await loadMask(maskPath, width, height, { of: image }) : await transparent(bytes, path);
  if (maskedRegion(mask)) return { bytes, image, mask };
  throw new EaselError(`${maskPath} is black everywhere, so nothing would be painted. Paint white what is to change.`);
}

/** What is transparent, in white: what OpenAI's image edits repaint where no mask is given. */
async function transparent(bytes: Uint8Array, name: string): Promise<Pixels> {
  const opacity = await loadAlpha(bytes, { name });
  if (opacity) return { ...opacity, data: opacity.data.map((value) => 255 - value) };
  throw new EaselError(
    `${name} does not say what to repaint. Give a mask with --mask: a picture as large, white where it is to change. Or make that part of the picture transparent.`,
  );
}
