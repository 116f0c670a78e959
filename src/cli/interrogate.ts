import { cacheFolder } from '../config.js';
import { inRange } from '../engine/check.js';
import { clipIn } from '../engine/checkpoint/clip.js';
import { EaselError } from '../engine/errors.js';
import { loadPicture } from '../engine/image/load.js';
import { Interrogator } from '../engine/interrogate/interrogator.js';
import { modelFolders } from './models.js';
import { MAX_THREADS } from './open-model.js';
import type { Report } from './report.js';

export interface InterrogateArguments {
  json?: boolean;
  clip?: string;
  threads?: number;
}

/** How many phrases of each group are shown. */
const SHOWN = 3;

/** `easel interrogate`: prompts for a picture, and what they were chosen from. */
export async function runInterrogate(
  path: string,
  { clip, threads }: InterrogateArguments,
  report: Report,
): Promise<void> {
  if (threads !== undefined) inRange('--threads', threads, 1, MAX_THREADS);
  const picture = await loadPicture(path);
  await using interrogator = await Interrogator.open(clip ?? (await clipHere()), { threads, cache: cacheFolder() });
  const { prompts, ranking } = await interrogator.interrogate(picture);
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
