import { malformed, shown, wholeInRange } from '../check.js';
import { RequestError } from '../errors.js';
import type { Model } from '../model.js';
import { type OwnSampler, ownSampler } from '../samplers/own.js';
import { NoiseLevels } from '../samplers/sigmas.js';
import { SPACINGS, type Spacing } from '../samplers/spacing.js';
import { SAMPLERS, type SamplerEntry, type SamplerName } from '../samplers/table.js';

/** Which sampler goes over which noise levels. */
export interface Sampling {
  readonly sampler: SamplerEntry;
  readonly steps: number;
  readonly eta: number;
  /** Levels, if they were chosen one by one, or those of `timesteps`: falling, one more than there are steps, the last 0. */
  readonly sigmas: Spacing | readonly number[];
  /** If they were chosen one by one: falling, one a step. */
  readonly timesteps?: readonly number[];
}

/** Most steps of a run. */
export const MOST_STEPS = 1000;

export interface SamplingRequest {
  /** Denoising steps, 1..1000; left out where `timesteps` or `sigmas` list them. */
  steps?: number | undefined;
  /** A name of {@link SAMPLERS}, or a sampler of one's own. */
  sampler?: SamplerName | OwnSampler | undefined;
  /** DDIM's eta (0 by default) or TCD's (0.3), 0..1: 0 is deterministic. */
  eta?: number | undefined;
  /**
   * Spacing of noise levels, for the samplers that have a choice; or, as diffusers' `sigmas`, the levels themselves: falling, one more
   * than there are steps, the last 0. DDIM, PLMS, LCM and TCD are asked at timesteps and take no levels, nor do they in diffusers, whose
   * pipelines raise a ValueError then (retrieve_timesteps): give them `timesteps`.
   */
  sigmas?: Spacing | readonly number[] | undefined;
  /** The timesteps at which the noise predictor is asked, as diffusers' `timesteps`: whole, falling from at most 999, one a step. */
  timesteps?: readonly number[] | undefined;
}

/** @throws RequestError with the value and what is allowed. */
export function samplingOf(model: Model, request: SamplingRequest): Sampling {
  const { card } = model;
  const sampler = samplerOf(request.sampler ?? card.sampler);
  const eta = request.eta ?? sampler.eta ?? 0;
  if (eta > 0 && sampler.eta === null) {
    throw new RequestError(`eta must be 0 for ${sampler.title}: only DDIM and TCD take it. Leave eta out.`, {
      meaning: { code: 'noEta', values: { sampler: sampler.title } },
    });
  }
  const chosen = chosenOf(model, sampler, request);
  if (chosen) return { sampler, eta, steps: stepsOf(request, chosen.sigmas.length - 1), ...chosen };
  const steps = request.steps ?? card.steps;
  const sigmas = (request.sigmas as Spacing | undefined) ?? (request.sampler ? undefined : card.sigmas) ?? 'default';
  if (!sampler.spacings.includes(sigmas)) throw unfit('sigmas', sampler, sigmas);
  return { sampler, steps, eta, sigmas };
}

/** A sampler with the spacing of its levels, as AUTOMATIC1111 names both in a picture's metadata. */
export function samplingLabels({ sampler: { title, spacings }, sigmas, timesteps }: Sampling) {
  if (typeof sigmas !== 'string') {
    return {
      sampler: title,
      scheduleType: 'Custom',
      [timesteps ? 'timesteps' : 'sigmas']: (timesteps ?? sigmas).join(' '),
    };
  }
  return {
    sampler: title + (sigmas === 'default' ? '' : ` ${SPACINGS[sigmas]}`),
    // AUTOMATIC1111 uses another spacing if none is named: Karras for DPM++ 2M, exponential for its SDE variant.
    scheduleType: spacings.includes('karras') && sigmas === 'default' ? SPACINGS.default : undefined,
  };
}

function samplerOf(sampler: NonNullable<SamplingRequest['sampler']>): SamplerEntry {
  return typeof sampler === 'string' ? SAMPLERS[sampler] : ownSampler(sampler)!;
}

/** The schedule that was chosen one by one, as diffusers' `timesteps` and `sigmas` (its retrieve_timesteps). */
function chosenOf(
  { schedule }: Model,
  sampler: SamplerEntry,
  { timesteps, sigmas }: SamplingRequest,
): (Pick<Sampling, 'timesteps'> & { sigmas: readonly number[] }) | undefined {
  if (timesteps !== undefined) {
    if (sigmas !== undefined) throw malformed('timesteps', 'and sigmas exclude each other: leave one out.');
    if (!sampler.lists.includes('timesteps')) throw unfit('timesteps', sampler, 'that were chosen');
    const last = schedule.alphasCumprod.length - 1;
    checkFalling('timesteps', timesteps);
    for (const timestep of timesteps) wholeInRange('timesteps', timestep, 0, last);
    const levels = new NoiseLevels(schedule.alphasCumprod);
    return { timesteps, sigmas: [...timesteps.map((timestep) => levels.sigmaAt(timestep)), 0] };
  }
  if (sigmas === undefined || typeof sigmas === 'string') return undefined;
  if (!sampler.lists.includes('sigmas')) throw unfit('sigmas', sampler, 'that were chosen');
  checkFalling('sigmas', sigmas);
  if (sigmas.at(-1) !== 0)
    throw malformed('sigmas', `must end with 0, got ${shown(sigmas.at(-1))}: one more than there are steps.`);
  return { sigmas };
}

function checkFalling(name: string, list: readonly number[]): void {
  const wrong = list.find((value, i) => i > 0 && !(value < list[i - 1]!));
  if (wrong !== undefined) throw malformed(name, `must fall from each to the next, but ${shown(wrong)} does not.`);
}

/** Only where they agree, as with count. */
function stepsOf({ steps }: SamplingRequest, chosen: number): number {
  if (steps === undefined || steps === chosen) return chosen;
  throw malformed('steps', `is ${shown(steps)}, but the schedule that was given has ${chosen}: leave steps out.`);
}

function unfit(name: 'sigmas' | 'timesteps', { title }: SamplerEntry, which: string): RequestError {
  const values = { sampler: title, name };
  return new RequestError(`${title} does not take the ${name} ${which}: use another sampler, or leave ${name} out.`, {
    meaning: name === 'sigmas' ? { code: 'noSigmas', values } : { code: 'malformed', values },
  });
}
