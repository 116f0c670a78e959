import { z } from 'zod';
import type { PaintRequest } from './job.js';

/** How a request is read back from the store, where older versions and accidents may have left something else. */
export const paintRequest = z.object({
  kind: z.enum(['txt2img', 'img2img', 'inpaint', 'upscale']),
  prompt: z.string(),
  negative: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  count: z.number().int().positive(),
  steps: z.number().int().positive(),
  scale: z.number(),
  sampler: z.string(),
  seed: z.number(),
  model: z.string(),
  strength: z.number().optional(),
  source: z.string().optional(),
  mask: z.string().optional(),
  keepFlagged: z.boolean().optional(),
  dynamic: z.boolean().optional(),
  axes: z
    .array(
      z.object({
        parameter: z.enum(['steps', 'scale', 'seeds', 'sampler', 'words']),
        values: z.array(z.string()).min(1).readonly(),
      }),
    )
    .min(1)
    .max(2)
    .readonly()
    .optional(),
}) satisfies z.ZodType<PaintRequest>;
