import { SPACING_NAMES, SPACINGS, type Spacing } from './spacing.js';
import { SAMPLERS, type SamplerEntry, type SamplerName } from './table.js';

/** A sampler and the spacing of its noise levels: other programs have one name for both. */
export interface SamplerChoice {
  readonly sampler: SamplerName;
  readonly sigmas: Spacing;
}

/** Longer than any name. */
const LONGEST = 60;

/** Names in ComfyUI, diffusers, InvokeAI and NovelAI that differ from ours in more than case and punctuation. */
const ALIASES: Readonly<Record<string, SamplerName>> = {
  pndm: 'plms',
  pndmscheduler: 'plms',
  ddimscheduler: 'ddim',
  eulerancestral: 'euler_a',
  eulerdiscretescheduler: 'euler',
  eulerancestraldiscretescheduler: 'euler_a',
  heundiscretescheduler: 'heun',
  lmsdiscretescheduler: 'lms',
  dpm2ancestral: 'dpm_2_a',
  kdpm2discretescheduler: 'dpm_2',
  kdpm2ancestraldiscretescheduler: 'dpm_2_a',
  dpmpp2sancestral: 'dpmpp_2s_a',
  dpmsolversinglestepscheduler: 'dpmpp_2s',
  dpmsolvermultistepscheduler: 'dpmpp_2m',
  dpmsolver: 'dpm_solver',
  dpmppsdegpu: 'dpmpp_sde',
  dpmpp2msdegpu: 'dpmpp_2m_sde',
  dpmpp2msdeheungpu: 'dpmpp_2m_sde_heun',
  dpmpp3msdegpu: 'dpmpp_3m_sde',
  deismultistepscheduler: 'deis',
  ipndmscheduler: 'ipndm',
  unipcmultistepscheduler: 'unipc',
  lcmscheduler: 'lcm',
  tcdscheduler: 'tcd',
};

/** What follows a sampler's name for a spacing: our names, AUTOMATIC1111's labels, and InvokeAI's and NovelAI's letters. */
const SUFFIXES: readonly (readonly [suffix: string, spacing: Spacing])[] = [
  ...SPACING_NAMES.flatMap((name) => [[keyOf(name), name] as const, [keyOf(SPACINGS[name]), name] as const]),
  ['normal', 'default'],
  ['ka', 'karras'],
  ['k', 'karras'],
];

const BY_KEY = new Map<string, SamplerName>([
  ...Object.entries(ALIASES),
  ...(Object.keys(SAMPLERS) as SamplerName[]).flatMap((name) =>
    [name, SAMPLERS[name].title].map((text) => [keyOf(text), name] as const),
  ),
]);

/**
 * The sampler with a name from this program or another, in any case: `dpmpp_2m`, `DPM++ 2M Karras`,
 * `Euler a`, `k_euler_a`, `euler_ancestral`, `dpmpp_2m_k`, `EulerAncestralDiscreteScheduler`.
 *
 * @returns null if there is no such sampler.
 */
export function samplerNamed(text: string): SamplerChoice | null {
  if (text.length > LONGEST) return null;
  const key = keyOf(text);
  const plain = find(key);
  if (plain) return { sampler: plain, sigmas: 'default' };
  for (const [suffix, sigmas] of SUFFIXES) {
    const sampler = key.endsWith(suffix) ? find(key.slice(0, -suffix.length)) : undefined;
    if (sampler && spacingsOf(sampler).includes(sigmas)) return { sampler, sigmas };
  }
  return null;
}

/** The spacing with AUTOMATIC1111's label or name, or another's; undefined if there is none such. */
export function spacingNamed(text: string): Spacing | undefined {
  return text.length > LONGEST ? undefined : SUFFIXES.find(([suffix]) => suffix === keyOf(text))?.[1];
}

export function spacingsOf(sampler: SamplerName): SamplerEntry['spacings'] {
  return SAMPLERS[sampler].spacings;
}

/** AUTOMATIC1111's name. */
export function samplerTitle({ sampler, sigmas }: SamplerChoice): string {
  return SAMPLERS[sampler].title + (sigmas === 'default' ? '' : ` ${SPACINGS[sigmas]}`);
}

/** With or without the k of k-diffusion in front. */
function find(key: string): SamplerName | undefined {
  return BY_KEY.get(key) ?? (key.startsWith('k') ? BY_KEY.get(key.slice(1)) : undefined);
}

function keyOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('+', 'p')
    .replace(/[^a-z\d]/g, '');
}
