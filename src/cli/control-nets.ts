import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { CONTROL_KINDS, controlNetsIn, type FoundControlNet } from '../engine/checkpoint/controlnets.js';
import { EaselError } from '../engine/errors.js';
import { knownAs } from '../pull/catalogue.js';
import { modelFolders } from './models.js';

/** All ControlNets in the models folders. */
export async function controlNetsHere(): Promise<FoundControlNet[]> {
  return (await Promise.all(modelFolders().map(controlNetsIn))).flat();
}

/**
 * The paths of the ControlNets that a name may mean: a path that is there; or one in models/controlnet by its name or the
 * one that it was pulled under; or all that are for something (`canny`), of which it depends on the model which one fits.
 *
 * @throws EaselError that lists those that are there.
 */
export async function controlNetsNamed(name: string): Promise<string[]> {
  if (existsSync(name)) return [name];
  const here = await controlNetsHere();
  const pulled = basename(knownAs(name)?.into ?? name);
  const found =
    here.find((net) => net.name === name || basename(net.path) === name) ?? here.find((net) => net.name === pulled);
  const paths = found ? [found.path] : here.filter(({ kind }) => kind === name).map(({ path }) => path);
  if (paths.length > 0) return paths;
  const folders = modelFolders().map((folder) => `${folder}/controlnet`);
  const names = here.map((net) => net.name);
  const there = names.length > 0 ? ` There are: ${names.slice(0, 10).join(', ')}.` : '';
  const kinds = Object.keys(CONTROL_KINDS).join(', ');
  throw new EaselError(
    `There is no ControlNet "${name}" in ${folders.join(' or ')}.${there} Get one with: npx easel pull controlnet-canny (or OWNER/NAME). A name is that of its file or folder, or one of: ${kinds}.`,
  );
}
