import { openUpscaler } from '../../engine/checkpoint/upscaler.js';
import { upscalersIn } from '../../engine/checkpoint/upscalers.js';
import { EaselError, RequestError } from '../../engine/errors.js';
import { lengthOf } from '../text/cut.js';
import { Refusal } from '../text/refusal.js';
import { LONGEST_CHOICE } from '../text/suggest.js';

/** An upscaler on offer. No weights are loaded. */
export interface OfferedUpscaler {
  readonly name: string;
  /** How much longer one run makes both sides. */
  readonly scale: number;
}

/** The upscalers on offer: the first is what U and /upscale use. */
export interface UpscalerOffer {
  readonly upscalers: readonly OfferedUpscaler[];
}

/** Discord's limit for the choices of an option. */
const MOST = 25;

/** The upscalers in the folder `upscalers` of the models folder that make pictures larger. Read at the start, as the models are. */
export async function offeredUpscalers(
  folder: string,
  onUnusable: (name: string, error: EaselError) => void,
): Promise<OfferedUpscaler[]> {
  const offered: OfferedUpscaler[] = [];
  for (const { name, path } of await upscalersIn(folder)) {
    try {
      const { scale } = (await openUpscaler(path)).config;
      if (scale > 1 && lengthOf(name) <= LONGEST_CHOICE) offered.push({ name, scale });
    } catch (error) {
      if (!(error instanceof EaselError)) throw error;
      onUnusable(name, error);
    }
  }
  return offered.slice(0, MOST);
}

/** The named upscaler, or the first; undefined if there is none and none was named. @throws Refusal if it is not there. */
export function upscalerFor({ upscalers }: UpscalerOffer, name: string | null): OfferedUpscaler | undefined {
  if (name === null) return upscalers[0];
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
