import { withEnlarging } from '../../engine/image/metadata/enlarged.js';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import type { Pixels } from '../../engine/image/pixels.js';
import type { Picture } from '../../engine/pipeline/picture.js';
import type { PaintOptions } from '../../engine/pipeline/progress.js';
import { previewsOf } from '../../engine/pipeline/upscale.js';
import type { StableDiffusion } from '../../engine/stable-diffusion.js';
import type { Upscaler } from '../../engine/upscaler/upscaler.js';
import { factorOf, type PaintRequest } from '../request/paint-request.js';

/** A picture that no model painted: it says what it said before, and what enlarged it. */
export type Enlarged = Omit<Picture, 'parameters' | 'latents'> & { readonly parameters: ReadParameters };

/** Enlarges a picture without painting; the model's safety checker looks at the result. */
export async function enlargedOnly(
  engine: StableDiffusion,
  upscaler: Upscaler,
  request: Extract<PaintRequest, { kind: 'upscale' }>,
  { image, made = null }: { image: Pixels; made?: ReadParameters | null },
  { signal, onNotice, onProgress }: PaintOptions,
): Promise<Enlarged> {
  const factor = factorOf(request);
  const pixels = await upscaler.enlarge(image, {
    factor,
    ...(request.tile && { tile: request.tile }),
    ...(signal && { signal }),
    onProgress: (progress) => onProgress?.({ ...progress, previews: previewsOf(image, factor) }),
  });
  const [flagged = false] = await engine.check([pixels]);
  if (flagged && !request.keepFlagged) {
    onNotice?.('The safety checker hid a picture that may not be safe for work.', { code: 'hidden', values: {} });
  }
  const { prompt, negative, seed } = request;
  // Of its texts only those that the server's rules have been applied to.
  const known = made && !made.unread ? { ...made, prompt, negative, other: {} } : { prompt, negative, other: {} };
  return { pixels, seed, flagged, parameters: withEnlarging(known, factor, upscaler.name) };
}
