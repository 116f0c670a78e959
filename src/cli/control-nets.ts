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
 * The path of a ControlNet: a path that is there; or of one in models/controlnet its name, the one that it was pulled
 * under, or what it is for (`canny`).
 *
 * @throws EaselError that lists those that are there.
 */
export async function controlNetNamed(name: string): Promise<string> {
  if (existsSync(name)) return name;
  const here = await controlNetsHere();
  const pulled = basename(knownAs(name)?.into ?? name);
  const found =
    here.find((net) => net.name === name || basename(net.path) === name) ??
    here.find((net) => net.name === pulled) ??
    here.find(({ kind }) => kind === name);
  if (found) return found.path;
  const folders = modelFolders().map((folder) => `${folder}/controlnet`);
  const names = here.map((net) => net.name);
  const there = names.length > 0 ? ` There are: ${names.slice(0, 10).join(', ')}.` : '';
  const kinds = Object.keys(CONTROL_KINDS).join(', ');
  throw new EaselError(
    `There is no ControlNet "${name}" in ${folders.join(' or ')}.${there} Get one with: easel pull controlnet-canny (or OWNER/NAME). A name is that of its file or folder, or one of: ${kinds}.`,
  );
}
