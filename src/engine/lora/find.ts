import { join, parse, resolve } from 'node:path';
import { RequestError } from '../errors.js';
import { filesBelow } from '../files-below.js';
import type { Meaning } from '../meaning.js';
import { packageRoot } from '../package-root.js';

/** models/lora of the current folder, then Easel's own. */
export const LORA_FOLDERS: readonly string[] = [resolve('models/lora'), join(packageRoot, 'models/lora')];

const EXTENSIONS = new Set(['.safetensors', '.pt', '.ckpt', '.bin']);

/**
 * The file of a LoRA by the name that a prompt gives it: its file name, with or without extension, in one of the folders or
 * below. The name is only compared with what lies there, so it cannot lead anywhere else.
 *
 * @throws RequestError if there is none, with the names that there are.
 */
export async function findLora(name: string, folders: readonly string[] = LORA_FOLDERS): Promise<string> {
  const names = new Set<string>();
  for (const folder of folders) {
    for (const { path } of await filesBelow(folder)) {
      const { base, name: stem, ext } = parse(path);
      if (!EXTENSIONS.has(ext)) continue;
      if (stem === name || base === name) return path;
      names.add(stem);
    }
  }
  const known = [...names].sort();
  const some = known.length > 10 ? [...known.slice(0, 10), '...'] : known;
  const there = known.length > 0 ? `There are: ${some.join(', ')}.` : `Put its file into ${folders[0]}.`;
  const short = name.slice(0, 80);
  const meaning: Meaning =
    known.length > 0
      ? { code: 'loraUnknown', values: { name: short, names: some.join(', ') } }
      : { code: 'loraNone', values: { name: short } };
  throw new RequestError(`There is no LoRA "${short}". ${there}`, { meaning });
}
