import { malformed } from '../check.js';
import { RequestError } from '../errors.js';
import type { GenerationParameters } from '../image/metadata/parameters.js';
import type { Pixels } from '../image/pixels.js';
import type { PictureFile, PictureSource } from '../image/source.js';
import type { Model } from '../model.js';
import type { Tensor } from '../networks.js';
import { purposeOf } from '../purpose.js';
import type { Generator } from '../random/generator.js';
import { ownGenerator } from '../random/own.js';
import { perPicture } from '../random/per-picture.js';
import { PhiloxGenerator } from '../random/philox.js';
import { randomSeed } from '../random/seed.js';
import { TorchGenerator } from '../random/torch.js';
import type { SamplerEntry } from '../samplers/table.js';
import type { Pass } from '../text/schedule.js';
import type { Tile } from '../tile.js';
import type { Upscaler } from '../upscaler/upscaler.js';
import { type Control, checkPart, type SteeringControl } from './control.js';
import type { Asks, Output } from './picture.js';
import { type Rows, type RowsRequest, rowsOf, type Variation } from './rows.js';
import { type Sampling, type SamplingRequest, samplingOf } from './sampling.js';
import { type Shortcuts, type Speed, type SpeedRequest, shortcutsOf } from './speed.js';

/** What every pipeline takes. Whatever is left out comes from the model's card. */
export interface PipelineRequest extends RowsRequest, SamplingRequest, SpeedRequest {
  /** Classifier-free guidance: eps = uncond + scale * (cond - uncond). Exactly 1 skips the unconditional pass. */
  scale?: number | undefined;
  /** 0..1: brings guidance back to the contrast of the prompt's own prediction, against burnt colours. The card's, or 0. */
  guidanceRescale?: number | undefined;
  /**
   * Of a model that edits pictures (InstructPix2Pix): how far the result keeps to the picture, 0..10. The card's, or 1.5;
   * exactly 1 takes two rows of the noise predictor instead of three.
   */
  imageScale?: number | undefined;
  /** Whose random numbers `seed` gives: PyTorch's on the CPU, the default, or on an NVIDIA GPU. */
  rng?: 'cpu' | 'cuda' | undefined;
  /**
   * `plain` takes the prompt literally, cut at the model's tokens: the reference. `weighted` is AUTOMATIC1111's syntax:
   * (word:1.2), [word], [from:to:0.5], [one|other], AND, BREAK, <lora:name:0.8> and prompts of any length.
   */
  syntax?: 'plain' | 'weighted' | undefined;
  /** Leaves pictures that the safety checker found as they are, flagged; otherwise they come back black. */
  keepFlagged?: boolean | undefined;
  /** 1 takes the text encoder's last layer, 2 the one before, ... The card's, or 1. */
  clipSkip?: number | undefined;
  /** Pictures that steer what is painted, each by a ControlNet. */
  controls?: readonly Control[] | undefined;
  /**
   * Seamless tiles: the left edge continues the right one (`x`), the top edge the bottom one (`y`), or both. Convolutions
   * then read on at the opposite edge, which is AUTOMATIC1111's `tiling`.
   */
  tile?: Tile | undefined;
}

export interface SizedRequest extends PipelineRequest {
  /** Pixels; see {@link sizeStep}. */
  width?: number | undefined;
  height?: number | undefined;
}

export interface Txt2ImgRequest extends SizedRequest {
  /**
   * What to start from instead of the generator's first draw, [pictures, channels, h, w]: standard normal noise, as diffusers'
   * `latents` and `--fixed_code`. Latents of a picture are for `img2img`.
   */
  latents?: Tensor | Float32Array | undefined;
}

/** The options of every pipeline that starts from a picture. */
export interface FromPictureRequest extends PipelineRequest {
  /** Pixels whose sides {@link sizeStep} divides, or a file, which is cut to that. */
  image: PictureSource;
  /**
   * 0 keeps the picture, 1 ignores it (SDEdit, Meng et al. 2021). 0.75 by default, 0.9 when inpainting; the model card's
   * when upscaling. A model that edits sees the picture whatever this is: 1 by default, as is outpainting's with a model made
   * for inpainting.
   */
  strength?: number | undefined;
}

export interface Img2ImgRequest extends Omit<FromPictureRequest, 'image'> {
  /** May be left out where there are latents, unless the model edits pictures. */
  image?: PictureSource | undefined;
  /**
   * The picture's latents, one row for all pictures or one for each: another request's, which then are not decoded and encoded again, or
   * what `encode` sampled; the scripts do so once for all iterations.
   */
  latents?: Tensor | undefined;
  /**
   * The picture was painted from the same prompt, and this is the second pass (AUTOMATIC1111's "hires. fix"): what changes at
   * a step has changed, `[a:b:0.5]` is b, and 1.5 is the middle of this pass. False by default.
   */
  secondPass?: boolean | undefined;
}

export interface BlendRequest extends Omit<FromPictureRequest, 'image'> {
  /** Two to four, of one size. */
  images: readonly PictureSource[];
  /** How much each counts, 0..100: only their proportions matter. All alike by default. */
  weights?: readonly number[] | undefined;
}

export interface InpaintRequest extends FromPictureRequest {
  /** Same size as the picture; white is repainted, black is kept. */
  mask: PictureSource;
  /**
   * `masked` paints nothing but the masked part and what is around it, as large as `pixels` say, and puts it back: the picture
   * keeps its own size, which may be any, and small masks get all the detail that the model can paint (AUTOMATIC1111's "only
   * masked"). `whole` by default.
   */
  area?: InpaintArea | undefined;
  /** With `masked`: pixels around the mask that the model sees as well, 0..256; 32 by default. */
  padding?: number | undefined;
  /** With `masked`: about how many pixels are painted; the model's native square by default. */
  pixels?: number | undefined;
  /**
   * What the masked part begins as, before it is noised: the picture as it is; the colours around it, blurred into it; noise
   * over noise; or latents of 0, a flat brownish grey. AUTOMATIC1111's "masked content": original, fill, latent noise, latent
   * nothing. `original` by default. The lower the strength, the more of it stays.
   */
  fill?: InpaintFill | undefined;
  /** What the picture records besides. */
  parameters?: Partial<GenerationParameters> | undefined;
}

export const INPAINT_AREAS = ['whole', 'masked'] as const;
export type InpaintArea = (typeof INPAINT_AREAS)[number];

export const INPAINT_FILLS = ['original', 'surroundings', 'noise', 'nothing'] as const;
export type InpaintFill = (typeof INPAINT_FILLS)[number];

/** A picture on a larger canvas. Together the margins must make it grow at one side at least. */
export interface OutpaintRequest extends FromPictureRequest {
  /** Pixels to paint beyond that side, 0 by default; a negative number cuts off so many. */
  left?: number | undefined;
  right?: number | undefined;
  top?: number | undefined;
  bottom?: number | undefined;
  /** Pixels inside the picture, along the sides that grow, that become new little by little. Two latents' or more by default. */
  seam?: number | undefined;
}

export interface UpscaleRequest extends FromPictureRequest {
  /** Enlargement of each side, above 1, at most 4. 2 by default. */
  factor?: number | undefined;
  /** Enlarges the picture before its details are painted, instead of Lanczos. */
  upscaler?: Upscaler | undefined;
}

/** A request whose pictures have been opened. */
export type Opened<R> = {
  [K in keyof R]: K extends 'image' | 'mask'
    ? Exclude<R[K], PictureFile>
    : K extends 'images'
      ? readonly Pixels[]
      : K extends 'controls'
        ? readonly SteeringControl[] | Extract<R[K], undefined>
        : R[K];
};

/** A request with every default filled in. */
export interface Plan extends Rows, Sampling, Shortcuts {
  readonly speed: Speed;
  /** The request itself says so, and not the model's card alone. */
  readonly asksToSkip: boolean;
  readonly scale: number;
  readonly guidanceRescale: number;
  /** Only of a model that edits. */
  readonly imageScale?: number;
  readonly generator: Generator;
  readonly rng: 'cpu' | 'cuda';
  readonly variation?: { readonly seed: number; readonly strength: number; readonly generator: Generator };
  /** For prompts whose words change. */
  readonly pass: Pass;
  readonly syntax: 'plain' | 'weighted';
  readonly clipSkip: number;
  readonly controls: readonly SteeringControl[];
  readonly tile?: Tile | undefined;
  readonly keepFlagged: boolean;
  readonly output: Output;
}

/**
 * Fills in the model's defaults, and checks what depends on the model or on several keys: the rest has been read by its schema.
 *
 * @throws RequestError with the value and what is allowed.
 */
export function planOf(
  model: Model,
  request: Opened<PipelineRequest> & Asks<Output> & Pick<Img2ImgRequest, 'secondPass'>,
): Plan {
  const rows = rowsOf(request, model.kind === 'weights' ? model.text.hiddenSize : undefined);
  const sampling = samplingOf(model, request);
  const { sampler, steps } = sampling;
  const rng = request.rng ?? 'cpu';
  const variation = variationOf(request);
  const shortcuts = shortcutsOf(model.card, request);
  return {
    ...rows,
    ...sampling,
    scale: request.scale ?? model.card.scale,
    guidanceRescale: request.guidanceRescale ?? model.card.guidanceRescale ?? 0,
    ...imageScaleOf(model, request),
    ...shortcuts,
    asksToSkip: shortcuts.cacheInterval > 1 && (request.speed ?? request.cacheInterval) !== undefined,
    generator: request.generator
      ? ownGenerator(request.generator)
      : perPicture(rows.seeds!.map((seed) => seeded(seed, rng))),
    rng,
    ...(variation && {
      variation: { ...variation, generator: perPicture(rows.prompts.map((_, k) => seeded(variation.seed + k, rng))) },
    }),
    pass: passOf(sampler, steps, request.secondPass),
    syntax: request.syntax ?? 'weighted',
    keepFlagged: request.keepFlagged ?? false,
    controls: controlsFor(model, request.controls ?? []),
    tile: tileOf(request),
    clipSkip: request.clipSkip ?? model.card.clipSkip ?? 1,
    output: request.output ?? 'pixels',
  };
}

/** A run of so many steps, for what changes in a prompt. @param second see {@link Img2ImgRequest.secondPass}. */
export function passOf({ secondOrder }: SamplerEntry, steps: number, second = false): Pass {
  const calls = secondOrder ? 2 * steps : steps;
  return { calls, ...(second && { before: calls }) };
}

/** Null where nothing is mixed in. */
function variationOf({ variation, generator }: Opened<PipelineRequest>): Required<Variation> | null {
  if (!variation || variation.strength === 0) return null;
  if (generator) throw malformed('variation', "needs the picture's seed: leave generator out.");
  return { seed: variation.seed ?? randomSeed(), strength: variation.strength };
}

function seeded(seed: number, rng: Plan['rng']): Generator {
  const own = seed % 2 ** 32;
  return rng === 'cuda' ? new PhiloxGenerator(own) : new TorchGenerator(own);
}

/** diffusers' and AUTOMATIC1111's default. */
const IMAGE_SCALE = 1.5;

function imageScaleOf(model: Model, { imageScale }: Opened<PipelineRequest>): Pick<Plan, 'imageScale'> {
  if (purposeOf(model) === 'edit') {
    return { imageScale: imageScale ?? model.card.imageScale ?? IMAGE_SCALE };
  }
  if (imageScale === undefined) return {};
  throw malformed('imageScale', `is for models that edit pictures (InstructPix2Pix); ${model.card.name} does not.`);
}

/** What a ControlNet finds has rows with the prompt and without; there is no third kind. */
function controlsFor(model: Model, controls: readonly SteeringControl[]): readonly SteeringControl[] {
  if (controls.length > 0 && purposeOf(model) === 'edit') {
    throw malformed('controls', `cannot steer ${model.card.name}, which edits pictures. Leave them out.`);
  }
  for (const { start, end } of controls) checkPart(start, end);
  return controls;
}

/** ControlNets have edges of their own. */
function tileOf({ tile, controls }: Opened<PipelineRequest>): Tile | undefined {
  if (tile === undefined) return undefined;
  if (controls?.length) {
    throw new RequestError('A seamless tile cannot be steered by a picture: leave one of the two out.', {
      meaning: { code: 'tileSteered', values: {} },
    });
  }
  return tile;
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

/** Pixels per side: beyond, memory runs out. */
export const MAX_SIDE = 4096;

/** The nearest side that can be painted. @param step see {@link sizeStep}. */
export function nearestSide(side: number, step: number): number {
  return Math.min(Math.max(Math.round(side / step) * step, step), MAX_SIDE);
}

function checkSide(model: Model, name: string, side: number): number {
  const step = sizeStep(model);
  const nearest = nearestSide(side, step);
  if (side !== nearest) {
    throw new RequestError(
      `${name} ${side} does not fit ${model.card.name}: sides are multiples of ${step} from ${step} to ${MAX_SIDE}. The nearest is ${nearest || step}.`,
      { meaning: { code: 'side', values: { side, step, max: MAX_SIDE } } },
    );
  }
  return side;
}
