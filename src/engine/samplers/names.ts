import { SAMPLERS, type SamplerName } from './table.js';

/** A sampler and the spacing of its noise levels: other programs have one name for both. */
export interface SamplerChoice {
  readonly sampler: SamplerName;
  readonly sigmas: 'default' | 'karras';
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
  dpmsolvermultistepscheduler: 'dpmpp_2m',
  dpmsolver: 'dpm_solver',
  dpmppsdegpu: 'dpmpp_sde',
  dpmpp2msdegpu: 'dpmpp_2m_sde',
  unipcmultistepscheduler: 'unipc',
  lcmscheduler: 'lcm',
};

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
  for (const suffix of ['karras', 'ka', 'k']) {
    const sampler = key.endsWith(suffix) ? find(key.slice(0, -suffix.length)) : undefined;
    if (sampler && SAMPLERS[sampler].usesSigmas) return { sampler, sigmas: 'karras' };
  }
  return null;
}

/** AUTOMATIC1111's name. */
export function samplerTitle({ sampler, sigmas }: SamplerChoice): string {
  return SAMPLERS[sampler].title + (sigmas === 'karras' ? ' Karras' : '');
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
