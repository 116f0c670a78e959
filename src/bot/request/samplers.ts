import { type SamplerChoice, samplerNamed, spacingsOf, samplerTitle as titleOf } from '../../engine/samplers/names.js';
import { SPACING_NAMES } from '../../engine/samplers/spacing.js';
import { SAMPLERS, type SamplerName } from '../../engine/samplers/table.js';
import { Refusal } from '../text/refusal.js';

/** All samplers, for autocompletion, those without a spacing first; requests keep the value. */
export const SAMPLER_CHOICES: readonly { name: string; value: string }[] = SPACING_NAMES.flatMap((sigmas) =>
  (Object.keys(SAMPLERS) as SamplerName[])
    .filter((sampler) => spacingsOf(sampler).includes(sigmas))
    .map((sampler) => ({ name: titleOf({ sampler, sigmas }), value: storedName({ sampler, sigmas }) })),
);

/**
 * The sampler that was typed or picked, by any of its names; the model's own if none was. @throws Refusal if there is
 * no such sampler.
 */
export function samplerOf(text: string | null, fallback: string): string {
  const sampler = text === null ? fallback : readSampler(text);
  if (!sampler) throw new Refusal('noSampler', { sampler: text! });
  return sampler;
}

/**
 * As requests keep it: the engine's name, followed by the spacing's, such as `_karras`, unless that is the default. Null
 * if there is no such sampler.
 */
export function readSampler(text: string): string | null {
  const choice = samplerNamed(text);
  return choice && storedName(choice);
}

/** @param choice a model's card is one. */
export function storedName({
  sampler,
  sigmas = 'default',
}: Partial<SamplerChoice> & Pick<SamplerChoice, 'sampler'>): string {
  return sampler + (sigmas === 'default' ? '' : `_${sigmas}`);
}

/** As it is shown to people; the name itself if a later version no longer has it. */
export function samplerTitle(name: string): string {
  const choice = samplerNamed(name);
  return choice ? titleOf(choice) : name;
}
