import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readComponent } from './component.js';
import { readJson } from './json.js';
import type { Weights } from './tensor.js';

/**
 * Reads a `safety_checker` folder (config.json and weights).
 *
 * @param chosen the folder somebody asked for, which must be right; false for none.
 * @param beside otherwise the `safety_checker` folder in here, if there is one.
 */
export async function readSafetyChecker(
  chosen: string | boolean | undefined,
  beside: string,
): Promise<{ weights: Weights; config: unknown } | undefined> {
  const folder = typeof chosen === 'string' ? chosen : join(beside, 'safety_checker');
  if (chosen === false || (typeof chosen !== 'string' && !existsSync(folder))) return undefined;
  const config = await readJson(join(folder, 'config.json'), z.looseObject({}));
  return { weights: (await readComponent(folder)).tensors, config };
}
