import { cacheFolder } from '../config.js';
import { inRange } from '../engine/check.js';
import { clipIn } from '../engine/checkpoint/clip.js';
import { EaselError } from '../engine/errors.js';
import { loadPicture } from '../engine/image/load.js';
import { Interrogator } from '../engine/interrogate/interrogator.js';
import { modelFolders } from './models.js';
import { MAX_THREADS } from './open-model.js';
import { pictureFiles } from './picture-files.js';
import type { Report } from './report.js';

export interface InterrogateArguments {
  json?: boolean;
  clip?: string;
  threads?: number;
}

/** How many phrases of each group are shown. */
const SHOWN = 3;

/** `easel interrogate`: prompts for pictures, and what they were chosen from. */
export async function runInterrogate(
  paths: readonly string[],
  { clip, threads }: InterrogateArguments,
  report: Report,
): Promise<void> {
  if (threads !== undefined) inRange('--threads', threads, 1, MAX_THREADS);
  const files = await pictureFiles(paths);
  // Before the CLIP, so that what is wrong with the last one is said first.
  for (const file of files) await loadPicture(file);
  await using interrogator = await Interrogator.open(clip ?? (await clipHere()), { threads, cache: cacheFolder() });
  for (const file of files) {
    if (files.length > 1) report.say(`${file}:`);
    await interrogate(interrogator, file, report);
  }
}

async function interrogate(interrogator: Interrogator, path: string, report: Report): Promise<void> {
  const { prompts, ranking } = await interrogator.interrogate(await loadPicture(path));
  const likeliest = Object.entries(ranking).map(([group, ranked]) => [group, ranked.slice(0, SHOWN)] as const);
  report.event({ event: 'interrogation', path, prompts, ranking: Object.fromEntries(likeliest) });
  for (const prompt of prompts) report.say(prompt);
  for (const [group, ranked] of likeliest) {
    const shown = ranked.map(({ text, share }) => `${text} (${Math.round(100 * share)}%)`);
    report.say(`  ${group}: ${shown.join(', ')}`);
  }
}

async function clipHere(): Promise<string> {
  for (const folder of modelFolders()) {
    const found = await clipIn(folder);
    if (found !== undefined) return found;
  }
  throw new EaselError(
    `There is no CLIP in ${modelFolders().join(' or ')}, which finds the words. Get one with: npx easel pull clip`,
  );
}
