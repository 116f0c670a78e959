import type { Picture } from '../engine/pipeline/picture.js';
import type { PaintOptions } from '../engine/pipeline/progress.js';
import type { PaintArguments } from './paint-arguments.js';
import type { Report } from './report.js';
import type { Saver } from './saver.js';

/** Codes of notices about one picture, which each batch may have again; any other is about the request, and told once. */
const OF_PICTURES: readonly (string | undefined)[] = ['black', 'hidden'];

/**
 * Paints all batches of prompts, as often as `--n_iter` says, and saves the pictures.
 *
 * @param paint paints one batch; it is given how many pictures there are before it.
 */
export async function paintBatches(
  { n_iter: iterations }: Pick<PaintArguments, 'n_iter'>,
  batches: readonly string[][],
  { saver, report, signal }: { saver: Saver; report: Report; signal: AbortSignal },
  paint: (prompt: string[], painted: number, options: PaintOptions) => Promise<Picture[]>,
): Promise<void> {
  const told = new Set<string>();
  const onNotice: PaintOptions['onNotice'] = (text, meaning) => {
    if (told.has(text) && !OF_PICTURES.includes(meaning.code)) return;
    told.add(text);
    report.notice(text);
  };
  let painted = 0;
  for (let iteration = 0; iteration < iterations; iteration++) {
    for (const [index, prompt] of batches.entries()) {
      const label = `Iteration ${iteration + 1}/${iterations}, batch ${index + 1}/${batches.length}`;
      const onProgress: PaintOptions['onProgress'] = (progress) => report.progress(label, progress);
      const pictures = await paint(prompt, painted, { signal, onNotice, onProgress });
      painted += pictures.length;
      await saver.add(pictures);
    }
  }
  await saver.finish();
}
