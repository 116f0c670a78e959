import { inRange, wholeInRange } from '../engine/check.js';
import { EaselError } from '../engine/errors.js';
import type { Model } from '../engine/model.js';
import { MAX_PICTURES } from '../engine/pipeline/rows.js';
import { HIGHEST_LEVEL, isInterval } from '../engine/pipeline/speed.js';
import { MAX_SEED } from '../engine/random/seed.js';
import { SAMPLERS, type SamplerEntry } from '../engine/samplers/table.js';
import { MAX_THREADS } from './open-model.js';
import { type PaintArguments, samplerOf } from './paint-arguments.js';

/** What the engine takes, by the names that options have here. */
const RANGES = {
  n_samples: [1, MAX_PICTURES, wholeInRange],
  ddim_steps: [1, 1000, wholeInRange],
  ddim_eta: [0, 1, inRange],
  scale: [-100, 100, inRange],
  guidance_rescale: [0, 1, inRange],
  seed: [0, MAX_SEED, wholeInRange],
  variation_seed: [0, MAX_SEED, wholeInRange],
  variation_strength: [0, 1, inRange],
  strength: [0, 1, inRange],
  clip_skip: [1, 12, wholeInRange],
  cache_interval: [1, 10, wholeInRange],
  threads: [1, MAX_THREADS, wholeInRange],
} as const;

type Ranged = { [name in keyof typeof RANGES]?: number };

/** @throws RequestError that names the option, for a number that the engine would refuse once its model is open. */
export function checkRanges(args: Ranged): void {
  for (const [name, [low, high, check]] of Object.entries(RANGES)) {
    const value = args[name as keyof Ranged];
    if (value !== undefined) check(`--${name}`, value, low, high);
  }
}

/** All that can be known before a model is opened. @throws EaselError or RequestError for a value that cannot be. */
export function checkPaintArguments(args: PaintArguments & Ranged): void {
  // Like the reference's, the parser accepts `--prompt` and `--outdir` without a value, which then fails.
  for (const name of ['prompt', 'outdir'] as const) {
    if (typeof args[name] !== 'string') throw new EaselError(`--${name} needs a value.`);
  }
  checkRanges(args);
  for (const [name, low] of [
    ['n_iter', 1],
    ['n_rows', 0],
    ['f', 1],
  ] as const) {
    const value = args[name];
    if (value !== undefined && value < low) throw new EaselError(`--${name} must be at least ${low}, got ${value}.`);
  }
  if (args.variation_seed !== undefined && args.variation_strength === undefined) {
    throw new EaselError(
      '--variation_seed has no effect by itself: say with --variation_strength how much it counts, 0 to 1.',
    );
  }
  if (args.variation_strength && args.fixed_code) {
    throw new EaselError('--variation_strength starts every picture from the same noise: leave --fixed_code out.');
  }
  checkInterval(args);
  checkSampler(args);
}

function checkInterval({ guidance_interval: interval }: PaintArguments): void {
  if (!interval || isInterval(...interval)) return;
  throw new EaselError(
    `--guidance_interval must be two noise levels from 0 to ${HIGHEST_LEVEL}, the lower one first, such as 0.3,5.4; got ${interval}.`,
  );
}

function checkSampler(args: PaintArguments): void {
  const name = samplerOf(args);
  if (name === undefined) return;
  const { title, eta, spacings }: SamplerEntry = SAMPLERS[name];
  // The reference's DPM-Solver accepts eta and ignores it.
  if (args.ddim_eta && eta === null && (args.sampler || !args.dpm_solver)) {
    throw new EaselError(`--ddim_eta must be 0 for ${title}: only DDIM and TCD take it. Leave it out.`);
  }
  if (args.sigmas && !spacings.includes(args.sigmas)) {
    throw new EaselError(`${title} does not take --sigmas ${args.sigmas}. Choose one of: ${spacings.join(', ')}.`);
  }
}

/** @throws EaselError for what does not fit this model. */
export function checkChannels(model: Model, { C }: Pick<PaintArguments, 'C'>): void {
  if (C === undefined || C === model.latentChannels) return;
  throw new EaselError(
    `--C is ${C} but ${model.card.name} has ${model.latentChannels} latent channels. Leave --C out.`,
  );
}
