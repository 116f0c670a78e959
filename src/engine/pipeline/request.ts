import { inRange, malformed, oneOf, shown, wholeInRange } from '../check.js';
import { RequestError } from '../errors.js';
import type { GenerationParameters } from '../image/metadata/parameters.js';
import type { Pixels } from '../image/pixels.js';
import type { Model } from '../model.js';
import type { Tensor } from '../networks.js';
import { purposeOf } from '../purpose.js';
import type { Generator } from '../random/generator.js';
import { perPicture } from '../random/per-picture.js';
import { PhiloxGenerator } from '../random/philox.js';
import { checkSeed, MAX_SEED } from '../random/seed.js';
import { TorchGenerator } from '../random/torch.js';
import { samplerNamed } from '../samplers/names.js';
import { SPACING_NAMES, type Spacing } from '../samplers/spacing.js';
import { SAMPLERS, type SamplerEntry, type SamplerName } from '../samplers/table.js';
import type { Pass } from '../text/schedule.js';
import { TILES, type Tile } from '../tile.js';
import type { Upscaler } from '../upscaler/upscaler.js';
import { type Control, checkControls } from './control.js';
import { type Shortcuts, type Speed, type SpeedRequest, shortcutsOf } from './speed.js';

/** What every pipeline takes. Whatever is left out comes from the model's card. */
export interface PipelineRequest extends SpeedRequest {
  /** One for all pictures, or one per picture. */
  prompt: string | readonly string[];
  /** What guidance steers away from; empty by default. */
  negative?: string;
  /** Pictures painted together, 1..64; the number of prompts when there are several. */
  count?: number;
  /** Denoising steps, 1..1000. */
  steps?: number;
  /** Classifier-free guidance: eps = uncond + scale * (cond - uncond). Exactly 1 skips the unconditional pass. */
  scale?: number;
  /** 0..1: brings guidance back to the contrast of the prompt's own prediction, against burnt colours. The card's, or 0. */
  guidanceRescale?: number;
  /**
   * Of a model that edits pictures (InstructPix2Pix): how far the result keeps to the picture, 0..10. The card's, or 1.5;
   * exactly 1 takes two rows of the noise predictor instead of three.
   */
  imageScale?: number;
  sampler?: SamplerName;
  /** DDIM's eta (0 by default) or TCD's (0.3), 0..1: 0 is deterministic. */
  eta?: number;
  /** Spacing of noise levels, for the samplers that have a choice. */
  sigmas?: Spacing;
  /** Picture k is painted from seed + k, so that each can be painted again alone. 0..2^32-1; random by default. */
  seed?: number;
  /** Draws everything for all pictures in one stream, as the reference scripts do; replaces `seed`. */
  generator?: Generator;
  /** Whose random numbers `seed` gives: PyTorch's on the CPU, the default, or on an NVIDIA GPU. */
  rng?: 'cpu' | 'cuda';
  /** Pictures that differ a little from the one of `seed`, which all of them then have. */
  variation?: Variation;
  /**
   * `plain` takes the prompt literally, cut at the model's tokens: the reference. `weighted` is AUTOMATIC1111's syntax:
   * (word:1.2), [word], [from:to:0.5], [one|other], AND, BREAK, <lora:name:0.8> and prompts of any length.
   */
  syntax?: 'plain' | 'weighted';
  /** Leaves pictures that the safety checker found as they are, flagged; otherwise they come back black. */
  keepFlagged?: boolean;
  /** 1 takes the text encoder's last layer, 2 the one before, ... The card's, or 1. */
  clipSkip?: number;
  /** Pictures that steer what is painted, each by a ControlNet. */
  controls?: readonly Control[];
  /**
   * Seamless tiles: the left edge continues the right one (`x`), the top edge the bottom one (`y`), or both. Convolutions
   * then read on at the opposite edge, which is AUTOMATIC1111's `tiling`.
   */
  tile?: Tile;
}

/** AUTOMATIC1111's variation seed: another seed's noise is mixed into the one that a picture begins with. */
export interface Variation {
  /** Picture k gets the noise of seed + k. 0..2^32-1; random by default. */
  seed?: number;
  /** 0 is the picture without it, 1 the other seed's. */
  strength: number;
}

export interface SizedRequest extends PipelineRequest {
  /** Pixels; see {@link sizeStep}. */
  width?: number;
  height?: number;
}

export interface Txt2ImgRequest extends SizedRequest {
  /** Start noise [count, channels, h, w] instead of the generator's first draw: `--fixed_code`. */
  noise?: Float32Array;
}

/** The options of every pipeline that starts from a picture. */
export interface FromPictureRequest extends PipelineRequest {
  image: Pixels;
  /**
   * 0 keeps the picture, 1 ignores it (SDEdit, Meng et al. 2021). 0.75 by default, 0.9 when inpainting; the model card's
   * when upscaling. A model that edits sees the picture whatever this is: 1 by default, as is outpainting's with a model made
   * for inpainting.
   */
  strength?: number;
}

export interface Img2ImgRequest extends FromPictureRequest {
  /** The picture's latents, one row per picture, if they were sampled before: the scripts do so once for all iterations. */
  latents?: Tensor;
  /**
   * The picture was painted from the same prompt, and this is the second pass (AUTOMATIC1111's "hires. fix"): what changes at
   * a step has changed, `[a:b:0.5]` is b, and 1.5 is the middle of this pass. False by default.
   */
  secondPass?: boolean;
}

export interface BlendRequest extends Omit<FromPictureRequest, 'image'> {
  /** Two to four, of one size. */
  images: readonly Pixels[];
  /** How much each counts, 0..100: only their proportions matter. All alike by default. */
  weights?: readonly number[];
}

export interface InpaintRequest extends FromPictureRequest {
  /** Same size as the picture; white is repainted, black is kept. */
  mask: Pixels;
  /**
   * `masked` paints nothing but the masked part and what is around it, as large as `pixels` say, and puts it back: the picture
   * keeps its own size, which may be any, and small masks get all the detail that the model can paint (AUTOMATIC1111's "only
   * masked"). `whole` by default.
   */
  area?: InpaintArea;
  /** With `masked`: pixels around the mask that the model sees as well, 0..256; 32 by default. */
  padding?: number;
  /** With `masked`: about how many pixels are painted; the model's native square by default. */
  pixels?: number;
  /** What the picture records besides. */
  parameters?: Partial<GenerationParameters>;
}

export const INPAINT_AREAS = ['whole', 'masked'] as const;
export type InpaintArea = (typeof INPAINT_AREAS)[number];

/** A picture on a larger canvas. Together the margins must make it grow at one side at least. */
export interface OutpaintRequest extends FromPictureRequest {
  /** Pixels to paint beyond that side, 0 by default; a negative number cuts off so many. */
  left?: number;
  right?: number;
  top?: number;
  bottom?: number;
  /** Pixels inside the picture, along the sides that grow, that become new little by little. Two latents' or more by default. */
  seam?: number;
}

export interface UpscaleRequest extends FromPictureRequest {
  /** Enlargement of each side, above 1, at most 4. 2 by default. */
  factor?: number;
  /** Enlarges the picture before its details are painted, instead of Lanczos. */
  upscaler?: Upscaler;
}

/** A request with every default filled in and every value checked. */
export interface Plan extends Shortcuts {
  readonly speed: Speed;
  readonly prompts: readonly string[];
  readonly negative: string;
  readonly steps: number;
  readonly scale: number;
  readonly guidanceRescale: number;
  /** Only of a model that edits. */
  readonly imageScale?: number;
  readonly sampler: SamplerName;
  readonly eta: number;
  readonly sigmas: Spacing;
  readonly seed: number | null;
  readonly generator: Generator;
  readonly rng: 'cpu' | 'cuda';
  readonly variation?: { readonly seed: number; readonly strength: number; readonly generator: Generator };
  /** For prompts whose words change. */
  readonly pass: Pass;
  readonly syntax: 'plain' | 'weighted';
  readonly clipSkip: number;
  readonly controls: readonly Control[];
  readonly tile?: Tile | undefined;
  readonly keepFlagged: boolean;
}

/** @throws RequestError with the value and what is allowed. */
export function planOf(model: Model, request: PipelineRequest & Pick<Img2ImgRequest, 'secondPass'>): Plan {
  const several = typeof request.prompt !== 'string';
  if (several && !(Array.isArray(request.prompt) && request.prompt.every((prompt) => typeof prompt === 'string'))) {
    throw malformed('prompt', `must be a text, or a list of texts, got ${shown(request.prompt)}.`);
  }
  if (request.negative !== undefined && typeof request.negative !== 'string') {
    throw malformed('negative', `must be a text, got ${shown(request.negative)}.`);
  }
  const count = wholeInRange('count', several ? request.prompt.length : (request.count ?? 1), 1, MAX_PICTURES);
  const prompts = typeof request.prompt === 'string' ? Array<string>(count).fill(request.prompt) : [...request.prompt];
  if (request.count !== undefined && request.count !== count) {
    throw malformed('count', `is ${request.count} but there are ${count} prompts: leave count out.`);
  }
  const own = samplerNamed(model.card.sampler) ?? { sampler: 'ddim', sigmas: 'default' };
  const sampler = request.sampler ?? own.sampler;
  if (!Object.hasOwn(SAMPLERS, sampler)) {
    const samplers = Object.keys(SAMPLERS).join(', ');
    throw new RequestError(`There is no sampler "${sampler}". Choose one of: ${samplers}.`, {
      meaning: { code: 'noSampler', values: { sampler: String(sampler).slice(0, 80), samplers } },
    });
  }
  const steps = wholeInRange('steps', request.steps ?? model.card.steps, 1, 1000);
  const { title, ...takes }: SamplerEntry = SAMPLERS[sampler];
  const eta = inRange('eta', request.eta ?? takes.eta ?? 0, 0, 1);
  if (eta > 0 && takes.eta === null) {
    throw new RequestError(`eta must be 0 for ${title}: only DDIM and TCD take it. Leave eta out.`, {
      meaning: { code: 'noEta', values: { sampler: title } },
    });
  }
  const sigmas = oneOf('sigmas', request.sigmas ?? (request.sampler ? 'default' : own.sigmas), SPACING_NAMES);
  if (!takes.spacings.includes(sigmas)) {
    throw new RequestError(`${title} does not take the sigmas ${sigmas}: use another sampler, or leave sigmas out.`, {
      meaning: { code: 'noSigmas', values: { sampler: title } },
    });
  }
  const seed = request.generator ? null : checkSeed(request.seed ?? randomSeed());
  const rng = oneOf('rng', request.rng ?? 'cpu', ['cpu', 'cuda']);
  const variation = variationOf(request);
  return {
    prompts,
    negative: request.negative ?? '',
    steps,
    scale: inRange('scale', request.scale ?? model.card.scale, -100, 100),
    guidanceRescale: inRange('guidanceRescale', request.guidanceRescale ?? model.card.guidanceRescale ?? 0, 0, 1),
    ...imageScaleOf(model, request),
    ...shortcutsOf(model.card, request),
    sampler,
    eta,
    sigmas,
    seed,
    generator: request.generator ?? perPicture(prompts.map((_, k) => seeded(variation ? seed! : seed! + k, rng))),
    rng,
    ...(variation && {
      variation: { ...variation, generator: perPicture(prompts.map((_, k) => seeded(variation.seed + k, rng))) },
    }),
    pass: passOf(sampler, steps, request.secondPass),
    syntax: oneOf('syntax', request.syntax ?? 'weighted', ['plain', 'weighted']),
    keepFlagged: request.keepFlagged ?? false,
    controls: controlsFor(model, request.controls ?? []),
    tile: tileOf(request),
    clipSkip: wholeInRange('clipSkip', request.clipSkip ?? model.card.clipSkip ?? 1, 1, 12),
  };
}

/** A run of so many steps, for what changes in a prompt. @param second see {@link Img2ImgRequest.secondPass}. */
export function passOf(sampler: SamplerName, steps: number, second = false): Pass {
  const { secondOrder }: SamplerEntry = SAMPLERS[sampler];
  const calls = secondOrder ? 2 * steps : steps;
  return { calls, ...(second && { before: calls }) };
}

/** Null where nothing is mixed in. */
function variationOf({ variation, generator }: PipelineRequest): Required<Variation> | null {
  if (!variation) return null;
  const strength = inRange('variation.strength', variation.strength, 0, 1);
  const seed = wholeInRange('variation.seed', variation.seed ?? randomSeed(), 0, MAX_SEED);
  if (strength === 0) return null;
  if (generator) throw malformed('variation', "needs the picture's seed: leave generator out.");
  return { seed, strength };
}

function seeded(seed: number, rng: Plan['rng']): Generator {
  const own = seed % 2 ** 32;
  return rng === 'cuda' ? new PhiloxGenerator(own) : new TorchGenerator(own);
}

function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

/** diffusers' and AUTOMATIC1111's default. */
const IMAGE_SCALE = 1.5;

function imageScaleOf(model: Model, { imageScale }: PipelineRequest): Pick<Plan, 'imageScale'> {
  if (purposeOf(model) === 'edit') {
    return { imageScale: inRange('imageScale', imageScale ?? model.card.imageScale ?? IMAGE_SCALE, 0, 10) };
  }
  if (imageScale === undefined) return {};
  throw malformed('imageScale', `is for models that edit pictures (InstructPix2Pix); ${model.card.name} does not.`);
}

/** What a ControlNet finds has rows with the prompt and without; there is no third kind. */
function controlsFor(model: Model, controls: readonly Control[]): readonly Control[] {
  if (controls.length > 0 && purposeOf(model) === 'edit') {
    throw malformed('controls', `cannot steer ${model.card.name}, which edits pictures. Leave them out.`);
  }
  return checkControls(controls);
}

/** ControlNets have edges of their own. */
function tileOf({ tile, controls }: PipelineRequest): Tile | undefined {
  if (tile === undefined) return undefined;
  if (controls?.length) {
    throw new RequestError('A seamless tile cannot be steered by a picture: leave one of the two out.', {
      meaning: { code: 'tileSteered', values: {} },
    });
  }
  return oneOf('tile', tile, TILES);
}

/** Sides must be multiples of this many pixels: 64 for SD v1. */
export function sizeStep(model: Model): number {
  return model.downsampling * model.latentMultiple;
}

/** @returns [width, height] in pixels. @throws RequestError that names the nearest size that works. */
export function sizeOf(model: Model, request: Pick<SizedRequest, 'width' | 'height'>): [number, number] {
  return [
    checkSide(model, 'width', request.width ?? model.card.nativeSize),
    checkSide(model, 'height', request.height ?? model.card.nativeSize),
  ];
}

/** Pixels per side, and pictures per call: beyond these, memory runs out. */
export const MAX_SIDE = 4096;
export const MAX_PICTURES = 64;

function checkSide(model: Model, name: string, side: number): number {
  const step = sizeStep(model);
  if (typeof side !== 'number') throw malformed(name, `must be a number of pixels, got ${shown(side)}.`);
  const nearest = Math.min(Math.max(Math.round(side / step) * step, step), MAX_SIDE);
  if (side !== nearest) {
    throw new RequestError(
      `${name} ${side} does not fit ${model.card.name}: sides are multiples of ${step} from ${step} to ${MAX_SIDE}. The nearest is ${nearest || step}.`,
      { meaning: { code: 'side', values: { side, step, max: MAX_SIDE } } },
    );
  }
  return side;
}

export function checkStrength(strength: number): number {
  return inRange('strength', strength, 0, 1);
}
