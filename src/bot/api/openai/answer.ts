import type { PaintRequest } from '../../request/paint-request.js';
import { ApiError } from '../api-error.js';
import type { PaintedOutcome } from '../desk.js';
import { encoded } from '../encoded.js';
import type { Links } from '../links.js';
import type { Fields } from './fields.js';
import { formatFor } from './model.js';

/** Of what loses some, where a program says nothing. */
const QUALITY = 92;

/**
 * The pictures as OpenAI answers with them (API reference, "The image generation response"), and the seed of each. What the
 * safety checker flagged is left out.
 *
 * @throws ApiError if it flagged all.
 */
export async function answerOf(
  { width, height }: PaintRequest,
  { pictures }: PaintedOutcome,
  fields: Fields,
  links: Links,
  address: string,
): Promise<object> {
  const shown = pictures.flatMap(({ png, flagged, seed }) => (png && !flagged ? [{ png, seed }] : []));
  if (shown.length === 0) {
    throw new ApiError(400, 'The safety checker found that what was painted may not be safe for work.', {
      code: 'content_policy_violation',
    });
  }
  const format = fields.output_format ?? 'png';
  const inside = (fields.response_format ?? formatFor(fields.model)) === 'b64_json';
  const data = await Promise.all(
    shown.map(async ({ png, seed }) => {
      const bytes = await encoded(png, format, fields.output_compression || QUALITY);
      if (inside) return { b64_json: Buffer.from(bytes).toString('base64'), seed };
      return { url: `${address}/pictures/${links.add({ bytes, type: `image/${format}` })}`, seed };
    }),
  );
  return {
    created: Math.floor(Date.now() / 1000),
    background: 'opaque',
    output_format: format,
    size: `${width}x${height}`,
    data,
  };
}
