import { existsSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { readCard } from '../engine/checkpoint/card.js';
import { modelsBelow } from '../engine/checkpoint/models-below.js';
import { type FoundUpscaler, upscalersIn } from '../engine/checkpoint/upscalers.js';
import { shippedAs } from '../engine/embedded-model.js';
import { EaselError } from '../engine/errors.js';
import { type OpenUpscalerOptions, Upscaler } from '../engine/upscaler/upscaler.js';
import { knownAs } from '../pull/catalogue.js';
import { modelFolders } from './models.js';

/** All upscalers in the models folders. */
async function upscalersHere(): Promise<FoundUpscaler[]> {
  return (await Promise.all(modelFolders().map(upscalersIn))).flat();
}

/** The upscalers that models' cards name, by the model: they were trained on its pictures, and know no others. */
async function ownUpscalers(): Promise<Map<string, string>> {
  const own = new Map<string, string>();
  for (const folder of modelFolders()) {
    for (const path of await modelsBelow(folder)) {
      // What is wrong with a model is told where it is opened.
      const { upscaler } = await readCard(join(folder, path), {}).catch(() => ({ upscaler: undefined }));
      if (upscaler !== undefined) own.set(basename(path), upscaler);
    }
  }
  return own;
}

/**
 * The path of an upscaler: one that is there; or in models/upscalers by its name, or the one that it was pulled under.
 *
 * @throws EaselError that lists those that are there.
 */
export async function upscalerNamed(name: string): Promise<string> {
  if (existsSync(name)) return name;
  const here = await upscalersHere();
  const file = knownAs(name)?.files[0]?.path;
  const pulled = file && basename(file, extname(file));
  const found = here.find((each) => each.name === name || basename(each.path) === name || each.name === pulled);
  if (found) return found.path;
  throw new EaselError(`There is no upscaler "${name}" in ${folders()}. ${listed(here)}`);
}

/**
 * The path of what enlarges a picture where nobody names an upscaler: the one that its model's card names, or the only one
 * that no card names. Undefined if there is none.
 *
 * @param model that painted the picture, if that is known. @throws EaselError if there are several.
 */
export async function upscalerFor(model: string | undefined): Promise<string | undefined> {
  const [here, own] = await Promise.all([upscalersHere(), ownUpscalers()]);
  const its = model === undefined ? undefined : here.find(({ name }) => name === own.get(shippedAs(model)));
  if (its) return its.path;
  const [only, ...others] = here.filter(({ name }) => ![...own.values()].includes(name));
  if (others.length > 0) throw new EaselError(`Say which upscaler: --with NAME. ${listed(here)}`);
  return only?.path;
}

/** That there is none for any picture; and which there are for some. */
export async function noUpscaler(file: string): Promise<EaselError> {
  const own = [...(await ownUpscalers())].map(([model, name]) => `--with ${name} is for pictures of ${model}.`);
  const there = own.length > 0 ? ` ${own.join(' ')}` : '';
  return new EaselError(
    `${file}: there is no upscaler for any picture in ${folders()}. Get one with: npx easel pull realesrgan-x4.${there}`,
  );
}

const folders = (): string =>
  modelFolders()
    .map((folder) => `${folder}/upscalers`)
    .join(' or ');

function listed(here: readonly FoundUpscaler[]): string {
  const names = here.map(({ name }) => name);
  return names.length > 0
    ? `There are: ${names.slice(0, 10).join(', ')}.`
    : 'Get one with: npx easel pull realesrgan-x4';
}

/** Upscalers that were opened, each once: pictures may need different ones. */
export class OpenUpscalers implements AsyncDisposable {
  readonly #open = new Map<string, Upscaler>();

  constructor(private readonly options: OpenUpscalerOptions) {}

  async at(path: string): Promise<Upscaler> {
    const upscaler = this.#open.get(path) ?? (await Upscaler.open(path, this.options));
    this.#open.set(path, upscaler);
    return upscaler;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const upscaler of this.#open.values()) await upscaler.release();
  }
}
