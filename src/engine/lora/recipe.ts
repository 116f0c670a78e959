import { basename, dirname, parse } from 'node:path';
import { recipeBeside } from '../checkpoint/card.js';
import { RequestError } from '../errors.js';
import { type Recipe, recipeNamed } from '../few-steps.js';
import { parsePrompt } from '../text/prompt.js';
import { aliasOf } from './alias.js';
import { findLora } from './find.js';

/**
 * How to paint with the LoRAs that weighted prompts name, if one of them was distilled to few steps (LCM, TCD, Hyper-SD):
 * by a `NAME.easel.json` beside it, else by its name, its folder's, or the one that kohya's scripts wrote into it.
 *
 * @param folders with LoRA files; see {@link findLora}.
 * @returns undefined if there is none; what is wrong with a tag or a file is told when it is used.
 */
export async function recipeFor(
  prompts: readonly string[],
  folders?: readonly string[],
): Promise<Partial<Recipe> | undefined> {
  for (const name of new Set(prompts.flatMap(namesIn))) {
    const path = await findLora(name, folders).catch(() => undefined);
    if (path === undefined) continue;
    const beside = await recipeBeside(path);
    const called = [parse(path).name, basename(dirname(path)), (await aliasOf(path)) ?? ''];
    const recipe = called.map(recipeNamed).find((known) => known !== undefined);
    if (recipe || beside) return { ...recipe, ...beside };
  }
  return undefined;
}

function namesIn(prompt: string): string[] {
  try {
    return parsePrompt(prompt)
      .loras.filter(({ weight }) => weight !== 0)
      .map(({ name }) => name);
  } catch (error) {
    if (error instanceof RequestError) return [];
    throw error;
  }
}
