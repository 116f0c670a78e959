import type { Config } from '../../config.js';
import { purposeOf } from '../../engine/purpose.js';
import { pulledAs, pulledLast } from '../../pull/record.js';
import type { Models } from './models.js';

/**
 * The name of the operator's model: MODEL, which may also be the name that it was pulled under. If MODEL is not set, the
 * model that was pulled last comes before the one that ships, unless it may not be used.
 */
export async function defaultModel(
  { model, modelChosen }: Pick<Config, 'model' | 'modelChosen'>,
  models: Models,
): Promise<string> {
  if (modelChosen) return models.has(model) ? model : ((await pulledAs(pathsOf(models), model)) ?? model);
  // Models for editing paint nothing from words alone, and those for inpainting less well.
  const usable = [...models].filter(([, { allowed, model }]) => allowed && purposeOf(model) === 'paint');
  return (await pulledLast(pathsOf(new Map(usable)))) ?? model;
}

function pathsOf(models: Models): Map<string, string> {
  return new Map([...models].map(([name, { path }]) => [name, path]));
}
