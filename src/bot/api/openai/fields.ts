import { z } from 'zod';
import { MAX_SEED } from '../../../engine/random/seed.js';
import { SCALE, STEPS } from '../../request/bounds.js';
import type { Size } from '../../request/size.js';

/** Left out, null, or empty in a form. */
const given = <T extends z.ZodType>(check: T) =>
  z.preprocess((value) => (value === null || value === '' ? undefined : value), check.optional());
/** Forms only have texts. */
const number = (check: z.ZodNumber) =>
  given(z.preprocess((value) => (typeof value === 'string' ? Number(value) : value), check));
const flag = given(z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean()));

/** OpenAI's limits (API reference, "Images"). */
export const MOST_PICTURES = 10;
const LONGEST_PROMPT = 32_000;

/** What all three have. Fields that change nothing here, such as `quality` and `user`, are ignored. */
const common = z.object({
  model: given(z.string().max(300)),
  n: number(z.number().int().min(1).max(MOST_PICTURES)),
  size: given(z.string().regex(/^(auto|[1-9]\d{1,3}x[1-9]\d{1,3})$/, 'a size is WIDTHxHEIGHT in pixels, or auto')),
  response_format: given(z.enum(['url', 'b64_json'])),
  output_format: given(z.enum(['png', 'jpeg', 'webp'])),
  output_compression: number(z.number().int().min(0).max(100)),
  background: given(z.enum(['opaque', 'auto'], 'pictures are opaque here')),
  stream: flag.refine((on) => !on, 'pictures are not streamed here: leave it out'),
  // Not OpenAI's: what Stable Diffusion takes beside.
  negative_prompt: given(z.string().max(LONGEST_PROMPT)),
  seed: number(z.number().int().min(0).max(MAX_SEED)),
  steps: number(z.number().int().min(STEPS.low).max(STEPS.high)),
  scale: number(z.number().min(SCALE.low).max(SCALE.high)),
  sampler: given(z.string().max(60)),
});

const prompt = z.string().min(1).max(LONGEST_PROMPT);
const strength = number(z.number().min(0).max(1));

export const generation = common.extend({ prompt });
export const edit = common.extend({ prompt, strength });
export const variation = common.extend({ prompt: given(prompt), strength });

/** The fields that all three have. */
export type Fields = z.infer<typeof common> & { readonly prompt?: string | undefined };

/** Undefined for whatever suits. */
export function sizeIn(size: string | undefined): Size | undefined {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(size ?? '') ?? [];
  return width === undefined ? undefined : [Number(width), Number(height)];
}
