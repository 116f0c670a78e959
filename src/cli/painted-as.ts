import type { ReadParameters } from '../engine/image/metadata/parameters.js';
import type { Pixels } from '../engine/image/pixels.js';
import { SPEED_NAMES } from '../engine/pipeline/speed.js';
import { MAX_SEED } from '../engine/random/seed.js';
import { samplerNamed } from '../engine/samplers/names.js';
import type { Tile } from '../engine/tile.js';
import type { PaintArguments } from './paint-arguments.js';

type Taken = Partial<
  Pick<
    PaintArguments,
    | 'prompt'
    | 'negative'
    | 'weighted'
    | 'ddim_steps'
    | 'sampler'
    | 'scale'
    | 'clip_skip'
    | 'guidance_rescale'
    | 'ddim_eta'
    | 'rng'
    | 'tiling'
    | 'speed'
  >
>;

/** What a picture says of its making, as arguments. */
export function argumentsOf(made: ReadParameters): Taken {
  const { steps, scale, clipSkip, guidanceRescale, eta, rng, tiling } = made;
  const sampler = made.sampler === undefined ? null : samplerNamed(made.sampler);
  const tile: Tile | undefined = tiling === 'True' ? 'both' : tiling === 'x' || tiling === 'y' ? tiling : undefined;
  const speed = SPEED_NAMES.find((name) => name === made.speed);
  return {
    prompt: made.prompt,
    negative: made.negative,
    // The bot and the web UIs understand (word:1.2); only the command line, whose pictures know their batch, may not have.
    weighted: made.batchNumber === undefined,
    ...(steps !== undefined && { ddim_steps: steps }),
    ...(scale !== undefined && { scale }),
    ...(sampler && { sampler }),
    ...(clipSkip !== undefined && { clip_skip: clipSkip }),
    ...(guidanceRescale !== undefined && { guidance_rescale: guidanceRescale }),
    ...(eta !== undefined && { ddim_eta: eta }),
    ...(rng !== undefined && { rng: rng === 'CPU' ? 'cpu' : 'cuda' }),
    ...(tile && { tiling: tile }),
    ...(speed && { speed }),
  };
}

/** The noise that a picture was painted from and nothing else, so that nearly the same noise paints nearly the same picture. */
export function seedOf(
  made: ReadParameters | null,
  { width, height }: Pick<Pixels, 'width' | 'height'>,
): number | null {
  if (!made || made.unread || !made.version?.startsWith('easel ')) return null;
  const seed = Number(made.seed ?? Number.NaN);
  const started = [made.strength, made.variationStrength, made.blend, made.outpaint, made.controls];
  // A grid, an enlarged picture and a cut one have other sizes than what was painted.
  const whole = made.width === width && made.height === height && Object.keys(made.other).length === 0;
  const known = Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED;
  return known && whole && started.every((value) => value === undefined) ? seed : null;
}
