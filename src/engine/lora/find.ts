import { basename, dirname, join, parse, resolve } from 'node:path';
import { RequestError } from '../errors.js';
import { filesBelow } from '../files-below.js';
import type { Meaning } from '../meaning.js';
import { modelsFolder } from '../package-root.js';
import { aliasOf } from './alias.js';

/** models/lora of the current folder, then Easel's own. */
const LORA_FOLDERS: readonly string[] = [resolve('models/lora'), join(modelsFolder, 'lora')];

const EXTENSIONS = new Set(['.safetensors', '.pt', '.ckpt', '.bin']);

/** A prompt may name a LoRA with its file's extension. */
export function withoutExtension(name: string): string {
  const { ext } = parse(name);
  return EXTENSIONS.has(ext.toLowerCase()) ? name.slice(0, -ext.length) : name;
}

/** PEFT and diffusers give every LoRA the same file name: the folder's name distinguishes them. */
const SAME_FOR_ALL = new Set(['adapter_model', 'pytorch_lora_weights']);

interface Found {
  path: string;
  /** The first one is shown. */
  names: readonly string[];
}

/**
 * The file of a LoRA by the name that a prompt gives it: its file name, with or without extension, in one of the folders or
 * below; its folder's name, if PEFT or diffusers named the file; or the alias that kohya's scripts wrote into it. The name
 * is only compared with the names of these files, so it cannot lead anywhere else.
 *
 * @throws RequestError if there is none; it lists the available names.
 */
export async function findLora(name: string, folders: readonly string[] = LORA_FOLDERS): Promise<string> {
  const files = (await Promise.all(folders.map(lorasBelow))).flat();
  const found = files.find(({ names }) => names.includes(name))?.path ?? (await byAlias(name, files));
  if (found !== undefined) return found;
  const known = [...new Set(files.map(({ names }) => names[0]!))].sort();
  const some = known.length > 10 ? [...known.slice(0, 10), '...'] : known;
  const there = known.length > 0 ? `There are: ${some.join(', ')}.` : 'None is installed.';
  const short = name.slice(0, 80);
  const meaning: Meaning =
    known.length > 0
      ? { code: 'loraUnknown', values: { name: short, names: some.join(', ') } }
      : { code: 'loraNone', values: { name: short } };
  throw new RequestError(`There is no LoRA "${short}". ${there}`, { meaning });
}

/** The LoRAs that {@link findLora} finds, each by the first of its names. */
export async function availableLoras(
  folders: readonly string[] = LORA_FOLDERS,
): Promise<{ readonly name: string; readonly path: string }[]> {
  const files = (await Promise.all(folders.map(lorasBelow))).flat();
  const byName = new Map(files.toReversed().map(({ names, path }) => [names[0]!, path]));
  return [...byName].map(([name, path]) => ({ name, path })).sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

async function lorasBelow(folder: string): Promise<Found[]> {
  const files: Found[] = [];
  for (const { path } of await filesBelow(folder)) {
    const { base, name, ext } = parse(path);
    if (!EXTENSIONS.has(ext.toLowerCase())) continue;
    const own = SAME_FOR_ALL.has(name) && dirname(path) !== folder ? [basename(dirname(path))] : [];
    files.push({ path, names: [...own, name, base] });
  }
  return files;
}

/** Of several with the same alias, such as the epochs of one training, the last, as in AUTOMATIC1111. */
async function byAlias(name: string, files: readonly Found[]): Promise<string | undefined> {
  const alike: string[] = [];
  for (const { path } of files) if ((await aliasOf(path)) === name) alike.push(path);
  return alike.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
}
