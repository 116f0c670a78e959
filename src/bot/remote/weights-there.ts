import type { Config } from '../../config.js';
import { controlNetsIn } from '../../engine/checkpoint/controlnets.js';
import { upscalersIn } from '../../engine/checkpoint/upscalers.js';
import { aliasOf } from '../../engine/lora/alias.js';
import { availableLoras } from '../../engine/lora/find.js';
import { controlWeights, loraWeights, upscalerWeights } from '../request/weights.js';
import { digestsOf } from './digests.js';

/**
 * What identifies the weights on this machine, by the names that requests have for them: the models, and the ControlNets,
 * upscalers and LoRAs in their folders. Bot and painter compare them.
 *
 * @param models paths by name.
 * @param loraFolders folders with LoRA files; see {@link availableLoras}.
 * @throws EaselError for a file that cannot be read.
 */
export async function weightsThere(
  { modelsDir, cache }: Pick<Config, 'modelsDir' | 'cache'>,
  models: ReadonlyMap<string, string>,
  loraFolders?: readonly string[],
): Promise<Map<string, string>> {
  const paths = new Map(models);
  for (const { name, path } of await controlNetsIn(modelsDir)) paths.set(controlWeights(name), path);
  for (const { name, path } of await upscalersIn(modelsDir)) paths.set(upscalerWeights(name), path);
  const loras = await availableLoras(loraFolders);
  for (const { name, path } of loras) paths.set(loraWeights(name), path);
  for (const { path } of loras) {
    const alias = await aliasOf(path);
    if (alias !== undefined && !paths.has(loraWeights(alias))) paths.set(loraWeights(alias), path);
  }
  return digestsOf(paths, cache);
}
