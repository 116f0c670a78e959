import { join } from 'node:path';
import { openUpscaler } from '../../engine/checkpoint/upscaler.js';
import { upscalersIn } from '../../engine/checkpoint/upscalers.js';
import { shippedAs } from '../../engine/embedded-model.js';
import { EaselError, RequestError } from '../../engine/errors.js';
import { MOST_TIMES } from '../request/bounds.js';
import type { Size } from '../request/size.js';
import { lengthOf } from '../text/cut.js';
import { Refusal } from '../text/refusal.js';
import { LONGEST_CHOICE } from '../text/suggest.js';
import type { Models } from './models.js';

/** An upscaler on offer. No weights are loaded. */
export interface OfferedUpscaler {
  readonly name: string;
  /** How much longer one run makes both sides. */
  readonly scale: number;
  /** Models whose pictures it enlarges where nobody names one; null stands for pictures that none of them painted. */
  readonly usualFor: ReadonlySet<string | null>;
}

/** The upscalers on offer. */
export interface UpscalerOffer {
  readonly upscalers: readonly OfferedUpscaler[];
}

/** Discord's limit for the choices of an option. */
const MOST = 25;

/** What UPSCALER says so that pictures are enlarged without a network. */
export const NO_UPSCALER = 'none';

/**
 * The upscalers in the folder `upscalers` of the models folder that make pictures larger. Read at the start, as the models are.
 *
 * @param chosen what UPSCALER says, if anything. @throws EaselError if it is not there.
 */
export async function offeredUpscalers(
  folder: string,
  models: Models,
  chosen: string | undefined,
  onUnusable: (name: string, error: EaselError) => void,
): Promise<OfferedUpscaler[]> {
  const offered: Omit<OfferedUpscaler, 'usualFor'>[] = [];
  for (const { name, path } of await upscalersIn(folder)) {
    try {
      const { scale } = (await openUpscaler(path)).config;
      if (scale > 1 && lengthOf(name) <= LONGEST_CHOICE) offered.push({ name, scale });
    } catch (error) {
      if (!(error instanceof EaselError)) throw error;
      onUnusable(name, error);
    }
  }
  const names = offered.slice(0, MOST).map(({ name }) => name);
  if (chosen !== undefined && chosen !== NO_UPSCALER && !names.includes(chosen)) {
    throw new EaselError(
      `UPSCALER is "${chosen}", but there is no such upscaler in ${join(folder, 'upscalers')}. ${names.length > 0 ? `There are: ${names.join(', ')}.` : 'Fetch one with: npx easel pull realesrgan-x4'}`,
    );
  }
  const usual = usualUpscalers(names, models, chosen);
  return offered.slice(0, MOST).map((upscaler) => ({
    ...upscaler,
    usualFor: new Set([...usual].filter(([, name]) => name === upscaler.name).map(([model]) => model)),
  }));
}

/**
 * By model: what was chosen, or what the model's card names, or the first that no card names: one that was trained on one
 * model's pictures knows no others.
 */
function usualUpscalers(
  names: readonly string[],
  models: Models,
  chosen: string | undefined,
): Map<string | null, string | undefined> {
  const own = new Map([...models].map(([name, { model }]) => [name, model.card.upscaler]));
  const common = names.find((name) => ![...own.values()].includes(name));
  return new Map(
    [null, ...models.keys()].map((model) => {
      const its = names.find((name) => model !== null && name === own.get(model));
      return [model, chosen ?? its ?? common];
    }),
  );
}

/** What enlarges a picture where nobody names an upscaler. @param model that painted it, here or elsewhere, if that is known. */
export function usualUpscaler({ upscalers }: UpscalerOffer, model: string | null): OfferedUpscaler | undefined {
  const usual = (painter: string | null) => upscalers.find(({ usualFor }) => usualFor.has(painter));
  return usual(model && shippedAs(model)) ?? usual(null);
}

/** Pixels of the longer side, at most, that a model's own upscaler makes of a small picture where nobody says how many. */
const CRISP = 1024;

/** How many times as large a picture becomes where nobody says: twice, but small ones more by one that a model's card names. */
export function usualFactor(models: Models, name: string, [width, height]: Size): number {
  if (![...models.values()].some(({ model }) => model.card.upscaler === name)) return 2;
  return Math.min(MOST_TIMES, Math.max(2, Math.floor(CRISP / Math.max(width, height))));
}

/** The named upscaler. @throws Refusal if it is not there. */
export function upscalerFor({ upscalers }: UpscalerOffer, name: string): OfferedUpscaler {
  const found = upscalers.find((upscaler) => upscaler.name === name);
  if (!found) throw new Refusal('noUpscaler', { upscaler: name });
  return found;
}

/** The path of an upscaler by its name. @throws RequestError if it is not on this machine. */
export async function upscalerPath(folder: string, name: string): Promise<string> {
  const found = (await upscalersIn(folder)).find((upscaler) => upscaler.name === name);
  if (found) return found.path;
  throw new RequestError(`There is no upscaler "${name}" in the folder upscalers of ${folder}. Choose another.`, {
    meaning: { code: 'noUpscaler', values: { upscaler: name } },
  });
}
