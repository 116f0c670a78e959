import type { ModelCard } from '../engine/model.js';
import type { PipelineRequest } from '../engine/pipeline/request.js';
import type { Speed } from '../engine/pipeline/speed.js';
import type { Generator } from '../engine/random/generator.js';
import { PhiloxGenerator } from '../engine/random/philox.js';
import { randomSeed } from '../engine/random/seed.js';
import { TorchGenerator } from '../engine/random/torch.js';
import type { SamplerChoice } from '../engine/samplers/names.js';
import type { Spacing } from '../engine/samplers/spacing.js';
import type { SamplerName } from '../engine/samplers/table.js';
import type { Tile } from '../engine/tile.js';
import type { ControlArguments } from './controls.js';
import type { ModelArguments } from './open-model.js';

/** What all painting commands parse; names as on the command line. */
export interface PaintArguments extends ModelArguments, ControlArguments {
  prompt: string;
  outdir: string;
  skip_grid?: boolean;
  skip_save?: boolean;
  ddim_steps?: number;
  plms?: boolean;
  dpm_solver?: boolean;
  fixed_code?: boolean;
  ddim_eta?: number;
  n_iter: number;
  C?: number;
  f?: number;
  n_samples: number;
  n_rows: number;
  scale?: number;
  fromFile?: string;
  seed: number;
  variation_seed?: number;
  variation_strength?: number;
  negative: string;
  sampler?: SamplerChoice;
  sigmas?: Spacing;
  guidance_rescale?: number;
  speed?: Speed;
  guidance_interval?: [number, number];
  cache_interval?: number;
  kv_subsampling?: boolean;
  tiling?: Tile;
  weighted?: boolean;
  clip_skip?: number;
  rng: 'cpu' | 'cuda';
  json?: boolean;
}

type Seeds = Pick<PipelineRequest, 'generator' | 'seed' | 'rng' | 'variation'>;

/**
 * The engine's request, without prompt and size. Where the model's card has another default than the reference's, which
 * is for SD v1, the card wins; what was typed always wins.
 *
 * With a variation seed, every picture starts from the run's seed, and the next number varies the next picture.
 *
 * @param card the model's, with what a few-step LoRA advises.
 * @param scriptScale the script's own guidance scale.
 * @returns `seeds`: where the next pictures' random numbers come from, by how many the run has painted.
 */
export function paintArguments(
  card: ModelCard,
  args: PaintArguments,
  scriptScale: number,
): { generator: Generator; seeds: (painted: number) => Seeds; request: Omit<PipelineRequest, 'prompt'> } {
  const generator = args.rng === 'cuda' ? new PhiloxGenerator(args.seed) : new TorchGenerator(args.seed);
  const { seed, rng, variation_strength: strength, variation_seed = randomSeed() } = args;
  return {
    generator,
    seeds: (painted) =>
      strength ? { seed, rng, variation: { seed: (variation_seed + painted) % 2 ** 32, strength } } : { generator },
    request: {
      negative: args.negative,
      steps: args.ddim_steps ?? card.steps,
      scale: args.scale ?? (card.scale === 7.5 ? scriptScale : card.scale),
      guidanceRescale: args.guidance_rescale,
      sampler: samplerOf(args),
      // The reference's DPM-Solver accepts eta and ignores it.
      eta: args.dpm_solver && !args.sampler ? 0 : args.ddim_eta,
      sigmas: args.sigmas ?? args.sampler?.sigmas,
      speed: args.speed,
      guidanceInterval: args.guidance_interval,
      cacheInterval: args.cache_interval,
      kvSubsampling: args.kv_subsampling,
      tile: args.tiling,
      syntax: args.weighted ? 'weighted' : 'plain',
      clipSkip: args.clip_skip,
    },
  };
}

/** What was asked for; undefined for the model's own. */
export function samplerOf({ sampler, dpm_solver, plms }: PaintArguments): SamplerName | undefined {
  return sampler?.sampler ?? (dpm_solver ? 'dpm_solver' : plms ? 'plms' : undefined);
}
