import { existsSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { type FoundUpscaler, upscalersIn } from '../engine/checkpoint/upscalers.js';
import { EaselError } from '../engine/errors.js';
import { knownAs } from '../pull/catalogue.js';
import { modelFolders } from './models.js';

/** All upscalers in the models folders. */
export async function upscalersHere(): Promise<FoundUpscaler[]> {
  return (await Promise.all(modelFolders().map(upscalersIn))).flat();
}

/**
 * The path of an upscaler: one that is there; or in models/upscalers by its name, or the one that it was pulled under.
 *
 * @param name undefined for the only one that is there.
 * @throws EaselError that lists those that are there.
 */
export async function upscalerNamed(name: string | undefined): Promise<string> {
  if (name !== undefined && existsSync(name)) return name;
  const here = await upscalersHere();
  const [only, ...others] = here;
  if (name === undefined && only && others.length === 0) return only.path;
  const file = name === undefined ? undefined : knownAs(name)?.files[0]?.path;
  const pulled = file && basename(file, extname(file));
  const found = here.find((each) => each.name === name || basename(each.path) === name || each.name === pulled);
  if (found) return found.path;
  const names = here.map((each) => each.name);
  const there =
    names.length > 0 ? `There are: ${names.slice(0, 10).join(', ')}.` : 'Get one with: npx easel pull realesrgan-x4';
  const folders = modelFolders().map((folder) => `${folder}/upscalers`);
  throw new EaselError(
    name === undefined
      ? names.length > 0
        ? `Say which upscaler: --with NAME. ${there}`
        : `There is no upscaler in ${folders.join(' or ')}. ${there}`
      : `There is no upscaler "${name}" in ${folders.join(' or ')}. ${there}`,
  );
}
