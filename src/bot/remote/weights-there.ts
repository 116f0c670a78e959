import type { Config } from '../../config.js';
import { controlNetsIn } from '../../engine/checkpoint/controlnets.js';
import { upscalersIn } from '../../engine/checkpoint/upscalers.js';
import { controlWeights, upscalerWeights } from '../request/weights.js';
import { digestsOf } from './digests.js';

/**
 * What identifies the weights on this machine, by the names that requests have for them: the models, and the ControlNets
 * and upscalers in their folders. Bot and painter compare them.
 *
 * @param models paths by name.
 * @throws EaselError for a file that cannot be read.
 */
export async function weightsThere(
  { modelsDir, cache }: Pick<Config, 'modelsDir' | 'cache'>,
  models: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const paths = new Map(models);
  for (const { name, path } of await controlNetsIn(modelsDir)) paths.set(controlWeights(name), path);
  for (const { name, path } of await upscalersIn(modelsDir)) paths.set(upscalerWeights(name), path);
  return digestsOf(paths, cache);
}
