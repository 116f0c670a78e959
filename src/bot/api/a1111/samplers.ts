import { samplerNamed, spacingNamed, spacingsOf } from '../../../engine/samplers/names.js';
import { SPACING_NAMES, SPACINGS, type Spacing } from '../../../engine/samplers/spacing.js';
import { SAMPLERS, type SamplerName } from '../../../engine/samplers/table.js';
import { SAMPLER_CHOICES, storedName } from '../../request/samplers.js';

/** What "Automatic" is to each; those without one have the default (modules/sd_samplers_kdiffusion.py, the option `scheduler`). */
const AUTOMATIC: Readonly<Partial<Record<SamplerName, Spacing>>> = {
  dpmpp_2m: 'karras',
  dpmpp_sde: 'karras',
  dpmpp_2m_sde: 'exponential',
  dpmpp_2m_sde_heun: 'exponential',
  dpmpp_2s_a: 'karras',
  dpmpp_3m_sde: 'exponential',
  dpm_2: 'karras',
  dpm_2_a: 'karras',
};

/** AUTOMATIC1111's names of the spacings (modules/sd_schedulers.py), where they differ from ours. */
const NAMES: Readonly<Partial<Record<Spacing, string>>> = { default: 'uniform', ays: 'align_your_steps' };

/** `/sdapi/v1/samplers`. */
export const SAMPLER_ITEMS = (Object.keys(SAMPLERS) as SamplerName[]).map((name) => ({
  name: SAMPLERS[name].title,
  aliases: [`k_${name}`, ...aliasesOf(name)],
  options: AUTOMATIC[name] ? { scheduler: AUTOMATIC[name] } : {},
}));

/** `/sdapi/v1/schedulers`. */
export const SCHEDULER_ITEMS = [
  item('automatic', 'Automatic'),
  ...SPACING_NAMES.map((spacing) => item(NAMES[spacing] ?? spacing, SPACINGS[spacing])),
];

/**
 * The sampler of a request as the queue keeps it. Older programs have the spacing at the end of the sampler's name. A sampler
 * without spacings ignores them, as there.
 *
 * @returns what is not there, if something is not.
 */
export function samplerFrom(
  name: string,
  scheduler: string | null,
): { readonly sampler: string } | { readonly missing: 'Sampler' | 'Scheduler' } {
  const named = samplerNamed(name);
  if (!named) return { missing: 'Sampler' };
  const automatic = !scheduler || scheduler.toLowerCase() === 'automatic';
  const wanted = automatic ? (AUTOMATIC[named.sampler] ?? 'default') : spacingNamed(scheduler);
  if (!wanted) return { missing: 'Scheduler' };
  const { sampler } = named;
  const sigmas = named.sigmas === 'default' ? wanted : named.sigmas;
  return { sampler: spacingsOf(sampler).includes(sigmas) ? storedName({ sampler, sigmas }) : sampler };
}

function aliasesOf(name: SamplerName): string[] {
  return SAMPLER_CHOICES.filter(({ value }) => value === `${name}_karras`).map(({ name: title }) => title);
}

function item(name: string, label: string) {
  return { name, label, aliases: null, default_rho: name === 'karras' ? 7 : -1, need_inner_model: name === 'uniform' };
}
