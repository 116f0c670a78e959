import { inRange, wholeInRange } from '../engine/check.js';
import { EaselError } from '../engine/errors.js';
import { canvasSize, type Margins, roundedUp, ZOOM, zoomedOut } from '../engine/image/canvas.js';
import { fitToModel, loadPicture } from '../engine/image/load.js';
import type { Pixels } from '../engine/image/pixels.js';
import { resize } from '../engine/image/resize.js';
import { readPictureFile } from '../engine/image/source.js';
import { MAX_SIDE, sizeStep } from '../engine/pipeline/request.js';
import { checkChannels, checkPaintArguments } from './check-arguments.js';
import { askedControls, controlsOf } from './controls.js';
import { openFor } from './open-model.js';
import { type PaintArguments, paintArguments } from './paint-arguments.js';
import { paintBatches } from './paint-batches.js';
import { batchesOf } from './prompts.js';
import type { Report } from './report.js';
import { Saver } from './saver.js';
import { withStoredWords } from './stored-words.js';

export interface OutpaintArguments extends Omit<PaintArguments, 'prompt'>, Partial<Margins> {
  prompt?: string;
  initImg?: string;
  zoom?: number;
  seam?: number;
  strength?: number;
}

/** `easel outpaint`: what is beyond a picture's edges, in the manner of img2img. */
export async function runOutpaint(given: OutpaintArguments, report: Report, signal: AbortSignal): Promise<void> {
  if (!given.initImg) throw new EaselError('outpaint starts from a picture: give its path with --init-img.');
  if (given.plms) throw new EaselError('PLMS cannot start from a picture: leave --plms out.');
  checkPaintArguments({ ...given, prompt: given.prompt ?? '' });
  checkSides(given);
  const asked = await askedControls(given);
  const bytes = await readPictureFile(given.initImg);
  const loaded = await loadPicture(bytes, { name: given.initImg });
  const args = await withStoredWords(given, bytes);
  const batches = await batchesOf(args);
  await using sd = await openFor(args, report, signal);
  checkChannels(sd.model, args);
  if (args.fromFile !== undefined) report.say(`reading prompts from ${args.fromFile}`);
  const card = args.weighted ? await sd.advise(batches.flat()) : sd.model.card;
  const { seeds, request: common } = paintArguments(card, args, card.scale);
  report.say(`loaded input image of size (${loaded.width}, ${loaded.height}) from ${given.initImg}`);
  const { image, margins } = placed(loaded, args, sizeStep(sd.model));
  const { width, height } = canvasSize(image, margins);
  const controls = await controlsOf(sd, asked, width, height);
  const request = { ...common, ...margins, image, controls, strength: args.strength, seam: args.seam };
  const saver = await Saver.open(args, { watermark: false }, report);
  await paintBatches(args, batches, { saver, report, signal }, (prompt, painted, options) =>
    sd.outpaint({ ...request, ...seeds(painted), prompt }, options),
  );
}

const SIDES = ['left', 'right', 'top', 'bottom'] as const;

function checkSides(args: OutpaintArguments): void {
  const sides = SIDES.filter((side) => args[side] !== undefined);
  if (args.seam !== undefined) wholeInRange('--seam', args.seam, 0, MAX_SIDE);
  if (args.zoom === undefined) {
    // As typed: what the sizes of the model make of them is more.
    for (const side of sides) inRange(`--${side}`, args[side]!, -MAX_SIDE, MAX_SIDE);
    if (sides.length > 0) return;
    throw new EaselError('Say where to paint: pixels for --left, --right, --top or --bottom, or a factor for --zoom.');
  }
  if (sides.length > 0) throw new EaselError(`--zoom and --${sides[0]} exclude each other: leave one out.`);
  inRange('--zoom', args.zoom, ZOOM.low, ZOOM.high);
}

/** The picture as it stands on the canvas, and what is around it. */
function placed(
  loaded: Pixels,
  { zoom, left = 0, right = 0, top = 0, bottom = 0 }: OutpaintArguments,
  step: number,
): { image: Pixels; margins: Margins } {
  if (zoom === undefined) return { image: loaded, margins: roundedUp(loaded, { left, right, top, bottom }, step) };
  const { image, ...margins } = zoomedOut(fitToModel(loaded, step), zoom);
  return { image: resize(loaded, image.width, image.height, 'lanczos'), margins };
}
