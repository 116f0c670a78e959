import { samplerNamed, samplerTitle as titleOf } from '../../engine/samplers/names.js';
import { SAMPLERS } from '../../engine/samplers/table.js';
import { Refusal } from '../text/refusal.js';

const KARRAS = '_karras';

/** All that there are, for autocompletion; a request keeps the value. */
export const SAMPLER_CHOICES: readonly { name: string; value: string }[] = Object.entries(SAMPLERS).flatMap(
  ([value, { usesSigmas }]) =>
    (usesSigmas ? [value, value + KARRAS] : [value]).map((one) => ({ name: samplerTitle(one), value: one })),
);

/** What was typed or picked, by any name; the model's own where nothing was. @throws Refusal if there is none such. */
export function samplerOf(text: string | null, fallback: string): string {
  const sampler = text === null ? fallback : readSampler(text);
  if (!sampler) throw new Refusal('noSampler', { sampler: text! });
  return sampler;
}

/** As a request keeps it: the engine's name, with `_karras` where the noise levels are Karras's. Null if there is none. */
export function readSampler(text: string): string | null {
  const choice = samplerNamed(text);
  return choice && choice.sampler + (choice.sigmas === 'karras' ? KARRAS : '');
}

/** As people read it; the name itself if a later version no longer has it. */
export function samplerTitle(name: string): string {
  const choice = samplerNamed(name);
  return choice ? titleOf(choice) : name;
}
