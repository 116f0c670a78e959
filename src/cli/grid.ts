import { labelledGrid } from '../bot/layout/labelled-grid.js';
import { EaselError } from '../engine/errors.js';
import { sizeOf } from '../engine/pipeline/request.js';
import { randomSeed } from '../engine/random/seed.js';
import { type Axis, labelOf, withValue } from './axes.js';
import { checkPaintArguments } from './check-arguments.js';
import { type GridOfFilesArguments, gridOfFiles } from './grid-of-files.js';
import { openFor } from './open-model.js';
import { type PaintArguments, paintArguments } from './paint-arguments.js';
import type { Report } from './report.js';
import { Saver } from './saver.js';

export interface GridArguments
  extends GridOfFilesArguments,
    Omit<PaintArguments, 'prompt' | 'negative' | 'seed' | 'n_rows'> {
  x?: Axis;
  y?: Axis;
  prompt?: string;
  negative?: string;
  seed?: number;
  H?: number;
  W?: number;
}

/** What counts where pictures are only put together, and what has a default; all else is for painting. */
const OF_FILES = new Set(['outdir', 'n_rows', 'labels', 'json', 'rng', 'device', 'precision', 'vaeTiling']);

/** `easel grid`: pictures that are there in one, or one picture painted with different settings, as the bot's /grid does. */
export async function runGrid(
  args: GridArguments,
  paths: readonly string[],
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  if (args.x) {
    if (paths.length > 0) throw new EaselError('--x paints its own pictures: leave the files out, or --x.');
    if (args.labels !== undefined) throw new EaselError('--labels is for files: --x writes what differs by itself.');
    if (args.n_rows !== undefined) throw new EaselError('--n_rows is for files: --x says how many stand in a row.');
    return paintGrid({ ...args, x: args.x }, report, signal);
  }
  const given = Object.keys(args).find((name) => !OF_FILES.has(name));
  if (given)
    throw new EaselError(`--${given} is for painting a grid: say what differs with --x, such as --x steps=10,20.`);
  if (paths.length === 0) {
    throw new EaselError(
      'Name the pictures to put together, or what to compare: --prompt "a red apple" --x steps=10,20.',
    );
  }
  await gridOfFiles(args, paths, report);
}

async function paintGrid(given: GridArguments & { x: Axis }, report: Report, signal: AbortSignal): Promise<void> {
  const { x, y, prompt } = given;
  if (!prompt) throw new EaselError('Say what to paint: --prompt "a red apple".');
  const axes = [x, ...(y ? [y] : [])];
  checkAxes(axes, given, prompt);
  const args = { negative: '', ...given, prompt, seed: given.seed ?? 42, n_rows: 0, n_samples: 1 };
  const rows = y ? y.values.map((value) => withValue(args, y, value)) : [args];
  const cells = rows.flatMap((row) => x.values.map((value) => withValue(row, x, value)));
  for (const cell of cells) checkPaintArguments(cell);
  await using sd = await openFor(args, report, signal);
  const [width, height] = sizeOf(sd.model, { width: args.W, height: args.H });
  const saver = await Saver.open(args, { watermark: true }, report);
  const other = randomSeed();
  for (const [k, cell] of cells.entries()) {
    const card = cell.weighted ? await sd.advise([cell.prompt]) : sd.model.card;
    const { request, seeds } = paintArguments(card, { ...cell, variation_seed: cell.variation_seed ?? other }, 7.5);
    const { generator: _, ...variation } = { seed: cell.seed, rng: cell.rng, ...seeds(0) };
    const label = `Picture ${k + 1}/${cells.length}`;
    const pictures = await sd.txt2img(
      { ...request, ...variation, prompt: cell.prompt, width, height },
      { signal, onNotice: report.notice, onProgress: (progress) => report.progress(label, progress) },
    );
    await saver.add(pictures);
  }
  const [columns = [], labels = []] = axes.map((axis) => axis.values.map((value) => labelOf(axis, value)));
  await saver.finish((pictures) => labelledGrid(pictures, columns, labels));
}

function checkAxes([x, y]: readonly Axis[], args: GridArguments, prompt: string): void {
  if (x!.name === y?.name)
    throw new EaselError(`--x and --y both vary ${y.name}: let one of them vary something else.`);
  for (const { name, values } of y ? [x!, y] : [x!]) {
    if (name === 'words') {
      if (prompt.includes(values[0]!)) continue;
      throw new EaselError(`"${values[0]}" is not in the prompt: the first of the words is what the others replace.`);
    }
    if (args[name] !== undefined) throw new EaselError(`--${name} is what the grid varies: leave it out.`);
  }
}
