import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readComponent } from './component.js';
import { readJson } from './json.js';
import type { Weights } from './tensor.js';

/** What a folder with a safety checker is called, in a model's folder or next to a checkpoint file. */
export const SAFETY_CHECKER = 'safety_checker';

/** The first of these folders' safety checkers, if one has any. */
export function safetyCheckerIn(...places: readonly string[]): string | undefined {
  return places.map((place) => join(place, SAFETY_CHECKER)).find((folder) => existsSync(folder));
}

/**
 * Reads a `safety_checker` folder (config.json and weights).
 *
 * @param chosen a folder that was asked for and must be usable; false for none.
 * @param places otherwise the first of these folders that has a `safety_checker` folder in it, if one has.
 */
export async function readSafetyChecker(
  chosen: string | boolean | undefined,
  ...places: readonly string[]
): Promise<{ weights: Weights; config: unknown } | undefined> {
  if (chosen === false) return undefined;
  const folder = typeof chosen === 'string' ? chosen : safetyCheckerIn(...places);
  if (folder === undefined) return undefined;
  const config = await readJson(join(folder, 'config.json'), z.looseObject({}));
  return { weights: (await readComponent(folder)).tensors, config };
}
