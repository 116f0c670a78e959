import { createHash } from 'node:crypto';
import { z } from 'zod';
import { CONTROL_KIND_NAMES } from '../../engine/checkpoint/controlnets.js';
import { BLEND } from '../../engine/pipeline/blend.js';
import { INPAINT_FILLS } from '../../engine/pipeline/request.js';
import { SPEED_NAMES } from '../../engine/pipeline/speed.js';
import { TILES } from '../../engine/tile.js';
import { MOST_TIMES } from './bounds.js';

/** What varies along one axis of a table of pictures. */
const axis = z.object({
  parameter: z.enum(['steps', 'scale', 'seeds', 'sampler', 'words']),
  values: z.array(z.string()).min(1).readonly(),
});

const natural = z.number().int().positive();
/** The key of a picture in the picture cache. */
const key = z.string();
/** 0 keeps the picture, 1 ignores it. */
const strength = z.number();

/** A picture that steers what is painted, by a ControlNet. */
const control = z.object({
  kind: z.enum(CONTROL_KIND_NAMES),
  /** Name of a file or folder in MODELS_DIR/controlnet. */
  net: z.string(),
  image: key,
  /** How much it counts, 0..2. */
  weight: z.number(),
});

/** Another seed's noise is mixed into the one that each picture begins with: AUTOMATIC1111's variation seed. */
const variation = z.object({
  /** Picture k gets the noise of seed + k, and all have the request's seed. */
  seed: z.number(),
  /** 0..1. */
  strength: z.number(),
});

/** Only the masked part of a picture is painted: about how many pixels it is painted as, and how many around it are seen. */
const masked = z.object({ pixels: natural, padding: z.number() });

/** A picture's size and place on a canvas, in pixels: less than 0 is cut off. */
const box = z.object({ left: z.number().int(), top: z.number().int(), width: natural, height: natural });

/** What all requests have. */
const common = z.object({
  prompt: z.string(),
  negative: z.string(),
  width: natural,
  height: natural,
  /** For varied requests, the number of combinations. */
  count: natural,
  steps: natural,
  scale: z.number(),
  sampler: z.string(),
  /** `fast` is nearly the same picture, `fastest` a similar one; the model's own, or exact, when left out. */
  speed: z.enum(SPEED_NAMES).optional(),
  /** Picture k is painted from seed + k, so that each can be repeated on its own. */
  seed: z.number(),
  /** Name of a folder or file in MODELS_DIR. */
  model: z.string(),
  control: control.optional(),
  variation: variation.optional(),
  /** 1 is the last layer of the text encoder, 2 the one before it; the model's own when left out. */
  clipSkip: natural.optional(),
  /** Edges at which copies of a picture join without a seam. */
  tile: z.enum(TILES).optional(),
  /** Flagged pictures may be shown there, behind a spoiler. */
  keepFlagged: z.boolean().optional(),
  /** The prompt of each picture, where `prompt` has wildcards: `a __color__ car`. */
  painted: z.array(z.string()).readonly().optional(),
  /** The prompt with wildcards that `prompt` came from. */
  template: z.string().optional(),
});

const single = common.extend({
  /** The prompt has alternatives (`a {red|blue} car`), one picture each. */
  dynamic: z.boolean().optional(),
});

const union = z.discriminatedUnion('kind', [
  single.extend({ kind: z.literal('txt2img') }),
  /** `subtle` is one that a button asked for. */
  single.extend({ kind: z.literal('img2img'), source: key, strength, subtle: z.boolean().optional() }),
  /** The white part of the mask is repainted; `masked` takes just that part, with a margin, out of a picture of any size. */
  single.extend({
    kind: z.literal('inpaint'),
    source: key,
    mask: key,
    strength,
    masked: masked.optional(),
    /** What that part begins as; the picture itself when left out. */
    fill: z.enum(INPAINT_FILLS).optional(),
  }),
  /** The picture stands `at` that place of a larger canvas, and the rest is painted; without a strength, at the engine's own. */
  single.extend({ kind: z.literal('outpaint'), source: key, at: box, strength: strength.optional() }),
  /** From several pictures together: `others` are cut to the shape of `source`, and each has its weight. */
  single.extend({
    kind: z.literal('blend'),
    source: key,
    others: z
      .array(key)
      .min(1)
      .max(BLEND.most - 1)
      .readonly(),
    weights: z.array(z.number()).min(BLEND.fewest).max(BLEND.most).readonly(),
    strength,
  }),
  /**
   * Twice as large, or by another factor. An upscaler enlarges it, and nothing is painted over it without a strength. Without
   * an upscaler details are painted, at the model's own strength if there is none here.
   */
  single.extend({
    kind: z.literal('upscale'),
    source: key,
    strength: strength.optional(),
    factor: z.number().min(1).max(MOST_TIMES).optional(),
    /** Name of a file in MODELS_DIR/upscalers. */
    upscaler: z.string().optional(),
  }),
  /** Pictures that differ by column and, with a second axis, by row. */
  common.extend({ kind: z.literal('table'), axes: z.array(axis).min(1).max(2).readonly() }),
]);

/** Parses a request from the store, where earlier versions and accidents may have left other data. */
export const paintRequest = z.preprocess(fromEarlier, union);

/** Changes whenever requests do: bot and painters on other machines compare it. */
export function requestSchema(): string {
  const schema = z.toJSONSchema(union, { io: 'input', unrepresentable: 'any' });
  return createHash('sha256').update(JSON.stringify(schema)).digest('hex').slice(0, 16);
}

/** What to paint, as plain data: it is stored, sent to the painter process and written into the picture's metadata. */
export type PaintRequest = Readonly<z.infer<typeof union>>;

/** Any kind but a table. */
export type SingleRequest = Exclude<PaintRequest, { kind: 'table' }>;

export type ControlRequest = Readonly<z.infer<typeof control>>;

export type CommonRequest = Readonly<z.infer<typeof common>>;

export type Axis = Readonly<z.infer<typeof axis>>;

type UpscaleRequest = Extract<PaintRequest, { kind: 'upscale' }>;
type Enlargement = UpscaleRequest & { readonly upscaler: string; readonly strength?: undefined };

/** The name of the upscaler that a request needs; undefined if it goes without. */
export function upscalerOf(request: PaintRequest): string | undefined {
  return request.kind === 'upscale' ? request.upscaler : undefined;
}

/** Whether an upscaler enlarges a picture and no model paints. */
export function onlyEnlarges(request: PaintRequest): request is Enlargement {
  return request.kind === 'upscale' && request.upscaler !== undefined && request.strength === undefined;
}

/** The factor by which enlarging makes width and height grow. */
export function factorOf({ factor = 2 }: { readonly factor?: number | undefined }): number {
  return factor;
}

/** The fields of a request that all kinds have. */
export function commonOf(request: PaintRequest): CommonRequest {
  return common.parse(request);
}

/** In 0.1.0, a table was a text request with axes. */
function fromEarlier(stored: unknown): unknown {
  const { kind, axes } = Object(stored);
  return kind === 'txt2img' && axes ? { ...Object(stored), kind: 'table' } : stored;
}
