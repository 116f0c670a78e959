import type { Context } from 'hono';
import { z } from 'zod';
import { BLEND } from '../../../engine/pipeline/blend.js';
import { ApiError } from '../api-error.js';
import { jsonOf } from '../json-body.js';
import type { GivenPictures } from './request.js';

/** A request that comes with pictures: its fields as they were sent, and the pictures. */
export interface Change {
  readonly fields: Record<string, unknown>;
  readonly given: GivenPictures;
}

/** A form, as clients send it, or JSON with the pictures in it (API reference, "Create image edit"). @throws ApiError */
export function changeOf(c: Context): Promise<Change> {
  return /^multipart\/form-data\b/i.test(c.req.header('content-type') ?? '') ? formOf(c) : jsonChangeOf(c);
}

/** Several pictures are `image[]` to OpenAI's clients. */
async function formOf(c: Context): Promise<Change> {
  const form = await c.req.formData().catch(() => {
    throw new ApiError(400, 'The form cannot be read.');
  });
  const fields: Record<string, unknown> = {};
  const images: Uint8Array[] = [];
  let mask: Uint8Array | undefined;
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else if (/^image(\[\d*\])?$/.test(name)) {
      // One more than there may be is refused, whatever comes behind it.
      if (images.length <= BLEND.most) images.push(new Uint8Array(await value.arrayBuffer()));
    } else if (name === 'mask') mask = new Uint8Array(await value.arrayBuffer());
  }
  return { fields, given: { images, mask } };
}

const inside = 'only pictures that are in the request, as data:image/png;base64,... are read here';
const reference = z.object({ image_url: z.string({ error: inside }).regex(/^data:image\/[\w.+-]+;base64,/, inside) });
const pictures = z.looseObject({ images: z.array(reference).default([]), mask: reference.optional() });

async function jsonChangeOf(c: Context): Promise<Change> {
  const { images, mask, ...fields } = pictures.parse(await jsonOf(c));
  return { fields, given: { images: images.map(bytesOf), mask: mask && bytesOf(mask) } };
}

function bytesOf({ image_url }: z.infer<typeof reference>): Uint8Array {
  return Buffer.from(image_url.slice(image_url.indexOf(',') + 1), 'base64');
}
