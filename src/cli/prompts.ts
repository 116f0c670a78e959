import { EaselError } from '../engine/errors.js';
import { FileRefused, readWhole } from '../engine/regular-file.js';

/**
 * Batches of prompts: n_samples copies of one prompt, or a file's lines in groups of n_samples, of which the last may
 * be smaller.
 */
export async function batchesOf(args: { prompt: string; fromFile?: string; n_samples: number }): Promise<string[][]> {
  if (args.fromFile === undefined) return [Array<string>(args.n_samples).fill(args.prompt)];
  const lines = await readPrompts(args.fromFile);
  const batches: string[][] = [];
  for (let i = 0; i < lines.length; i += args.n_samples) batches.push(lines.slice(i, i + args.n_samples));
  return batches;
}

/** A million prompts. */
const MAX_BYTES = 100e6;

/**
 * Python's str.splitlines: it also splits at VT, FF, FS, GS, RS, NEL, LS and PS, and a final line break adds no line.
 */
async function readPrompts(file: string): Promise<string[]> {
  const bytes = await readWhole(file, MAX_BYTES).catch((cause: NodeJS.ErrnoException) => {
    const why = cause instanceof FileRefused ? cause.message : cause.code;
    throw new EaselError(`Cannot read the prompts in ${file} (${why}). Check the path after --from-file.`, { cause });
  });
  const text = bytes.toString();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what splitlines cuts at
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) throw new EaselError(`There is no prompt in ${file}. Write one per line.`);
  return lines;
}
