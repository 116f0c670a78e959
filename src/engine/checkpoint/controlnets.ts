import { existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Preprocessor } from '../image/control/preprocess.js';
import { readJson } from './json.js';
import { WEIGHTS_NAME } from './names.js';

/** What a ControlNet was trained on, and what makes that of any picture; `none` takes a network of its own. */
export const CONTROL_KINDS = {
  canny: { mark: /canny/, preprocessor: 'canny' },
  scribble: { mark: /scribble|sketch/, preprocessor: 'scribble' },
  lineart: { mark: /line_?art/, preprocessor: 'lineart' },
  tile: { mark: /(^|[^a-z])tile/, preprocessor: 'tile' },
  depth: { mark: /depth/, preprocessor: 'none' },
  pose: { mark: /pose/, preprocessor: 'none' },
  seg: { mark: /(^|[^a-z])seg/, preprocessor: 'none' },
} as const satisfies Record<string, { mark: RegExp; preprocessor: Preprocessor }>;

export type ControlKind = keyof typeof CONTROL_KINDS;

export const CONTROL_KIND_NAMES = Object.keys(CONTROL_KINDS) as [ControlKind, ...ControlKind[]];

/** A ControlNet among the models. */
export interface FoundControlNet {
  /** Of its file or folder, without the extension. */
  readonly name: string;
  readonly path: string;
  /** Undefined for other kinds, and where nothing says so. */
  readonly kind: ControlKind | undefined;
}

/** Below a folder of models, as it is pulled, and as AUTOMATIC1111 has it. */
export const CONTROLNET_FOLDERS: ReadonlySet<string> = new Set(['controlnet', 'ControlNet']);

/** Folders in folders, as in controlnet/lllyasviel/control_v11p_sd15_canny/. */
const DEPTH = 2;

/** Diffusers calls all weights so: their folder has the name. */
const IN_FOLDER = /^(diffusion_pytorch_model|model|pytorch_model)\./;

/** The ControlNets of a folder of models, files and diffusers' folders, sorted by name. None is opened. */
export async function controlNetsIn(models: string): Promise<FoundControlNet[]> {
  const found: FoundControlNet[] = [];
  // Where the file system takes capitals for small letters, both folders are one.
  const seen = new Set<string>();
  for (const name of CONTROLNET_FOLDERS) await visit(join(models, name), DEPTH, seen, found);
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

async function visit(folder: string, depth: number, seen: Set<string>, found: FoundControlNet[]): Promise<void> {
  const real = await realpath(folder).catch(() => null);
  if (real === null || seen.has(real)) return;
  seen.add(real);
  const names = await readdir(real).catch(() => []);
  if (depth < DEPTH && names.some((name) => IN_FOLDER.test(name) && WEIGHTS_NAME.test(name))) {
    found.push(await netAt(folder));
    return;
  }
  for (const name of names) {
    const path = join(folder, name);
    const target = await stat(path).catch(() => null);
    if (target?.isDirectory() && depth > 0) await visit(path, depth - 1, seen, found);
    else if (target?.isFile() && WEIGHTS_NAME.test(name)) found.push(await netAt(path));
  }
}

const cardJson = z.looseObject({ control: z.enum(CONTROL_KIND_NAMES).optional() });
const configJson = z.looseObject({ _name_or_path: z.string().optional() });

/** What its card says (`easel.json` in a folder, NAME.easel.json beside a file), or its name, or diffusers' config.json. */
async function netAt(path: string): Promise<FoundControlNet> {
  const name = basename(path).replace(WEIGHTS_NAME, '');
  const cards = [join(path, 'easel.json'), join(dirname(path), `${name}.easel.json`)];
  const card = await valueIn(cards, cardJson);
  const config = await valueIn([join(path, 'config.json')], configJson);
  return { name, path, kind: card?.control ?? kindNamed(name) ?? kindNamed(basename(config?._name_or_path ?? '')) };
}

/** A file that is broken says nothing: whoever opens the ControlNet is told. */
async function valueIn<T>(files: readonly string[], schema: z.ZodType<T>): Promise<T | undefined> {
  const file = files.find(existsSync);
  return file === undefined ? undefined : readJson(file, schema).catch(() => undefined);
}

/** By the names that lllyasviel's have, and most others follow: control_v11p_sd15_canny, sd-controlnet-depth. */
function kindNamed(text: string): ControlKind | undefined {
  return CONTROL_KIND_NAMES.find((kind) => CONTROL_KINDS[kind].mark.test(text.toLowerCase()));
}
