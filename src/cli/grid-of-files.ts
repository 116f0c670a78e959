import { parse } from 'node:path';
import { captioned } from '../bot/layout/labelled-grid.js';
import { EaselError } from '../engine/errors.js';
import { encodePng } from '../engine/image/encode.js';
import { grid } from '../engine/image/grid.js';
import { loadPicture } from '../engine/image/load.js';
import { paste } from '../engine/image/paste.js';
import type { Pixels } from '../engine/image/pixels.js';
import { Outdir } from './outdir.js';
import { pictureFiles } from './picture-files.js';
import type { Report } from './report.js';

export interface GridOfFilesArguments {
  outdir: string;
  /** Pictures in a row, which the reference's scripts call so. */
  n_rows?: number;
  /** A text for each with commas between, or {@link NAMES}. */
  labels?: string;
}

/** Stands for the files' own names. */
const NAMES = 'names';

/** Pictures in one: each in its own size, in the middle of a place that is as large as the largest needs. */
export async function gridOfFiles(
  { outdir, n_rows, labels }: GridOfFilesArguments,
  paths: readonly string[],
  report: Report,
): Promise<void> {
  if (n_rows !== undefined && n_rows < 1) throw new EaselError(`--n_rows must be at least 1, got ${n_rows}.`);
  const files = await pictureFiles(paths);
  const captions = labels === undefined ? undefined : captionsOf(labels, files);
  const pictures: Pixels[] = [];
  for (const file of files) pictures.push(await loadPicture(file, { alpha: 'white' }));
  const width = Math.max(...pictures.map((picture) => picture.width));
  const height = Math.max(...pictures.map((picture) => picture.height));
  const columns = n_rows ?? Math.ceil(Math.sqrt(pictures.length));
  const places = pictures.map((picture) => centred(picture, width, height));
  const pixels = grid(captions ? await captioned(places, captions) : places, columns);
  const folder = await Outdir.open(outdir, { samples: false });
  const path = await folder.addGrid(await encodePng(pixels));
  report.say(`${files.length} pictures, ${pixels.width}x${pixels.height}: ${path}`);
  report.event({ event: 'grid', from: files, path, width: pixels.width, height: pixels.height });
  report.event({ event: 'done', outdir });
}

function captionsOf(labels: string, files: readonly string[]): string[] {
  if (labels === NAMES) return files.map((file) => parse(file).name);
  const texts = labels.split(',').map((label) => label.trim());
  if (texts.length === files.length) return texts;
  throw new EaselError(
    `--labels has ${texts.length} texts for ${files.length} pictures: give one for each, with commas between, or "${NAMES}" for the files' names.`,
  );
}

function centred(picture: Pixels, width: number, height: number): Pixels {
  if (picture.width === width && picture.height === height) return picture;
  const place = { width, height, data: new Uint8Array(width * height * 3) };
  paste(place, picture, Math.floor((width - picture.width) / 2), Math.floor((height - picture.height) / 2));
  return place;
}
