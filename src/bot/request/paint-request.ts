import { z } from 'zod';

/** What changes along one side of a table of pictures. */
const axis = z.object({
  parameter: z.enum(['steps', 'scale', 'seeds', 'sampler', 'words']),
  values: z.array(z.string()).min(1).readonly(),
});

const natural = z.number().int().positive();
/** Of a picture in the picture cache. */
const key = z.string();
/** 0 keeps the picture, 1 ignores it. */
const strength = z.number();

/** What every request says. */
const common = z.object({
  prompt: z.string(),
  negative: z.string(),
  width: natural,
  height: natural,
  /** Of a request that is varied, as many as there are ways. */
  count: natural,
  steps: natural,
  scale: z.number(),
  sampler: z.string(),
  /** Picture k is painted from seed + k, so that each can be painted again alone. */
  seed: z.number(),
  /** Name of a folder or file below models/. */
  model: z.string(),
  /** The place lets pictures that the safety checker finds appear, behind a spoiler. */
  keepFlagged: z.boolean().optional(),
});

const single = common.extend({
  /** The prompt has alternatives (`a {red|blue} car`), one picture each. */
  dynamic: z.boolean().optional(),
});

const union = z.discriminatedUnion('kind', [
  single.extend({ kind: z.literal('txt2img') }),
  single.extend({ kind: z.literal('img2img'), source: key, strength }),
  /** The white of the mask is painted anew. */
  single.extend({ kind: z.literal('inpaint'), source: key, mask: key, strength }),
  /** Twice as large; without a strength, the model's own. */
  single.extend({ kind: z.literal('upscale'), source: key, strength: strength.optional() }),
  /** Pictures that differ from column to column, and from row to row where there is a second axis. */
  common.extend({ kind: z.literal('table'), axes: z.array(axis).min(1).max(2).readonly() }),
]);

/** How a request is read back from the store, where earlier versions and accidents may have left something else. */
export const paintRequest = z.preprocess(fromEarlier, union);

/** What to paint, in plain data: it is stored, sent to the painter process and written into the picture's metadata. */
export type PaintRequest = Readonly<z.infer<typeof union>>;

/** Any but a table. */
export type SingleRequest = Exclude<PaintRequest, { kind: 'table' }>;

export type CommonRequest = Readonly<z.infer<typeof common>>;

export type Axis = Readonly<z.infer<typeof axis>>;

/** What a request says beside its kind and what belongs to that. */
export function commonOf(request: PaintRequest): CommonRequest {
  return common.parse(request);
}

/** In 0.1.0 a table was a request for pictures from words that had axes. */
function fromEarlier(stored: unknown): unknown {
  const { kind, axes } = Object(stored);
  return kind === 'txt2img' && axes ? { ...Object(stored), kind: 'table' } : stored;
}
