import { inRange } from '../check.js';
import { checkPixels } from '../image/pixels.js';
import { resizeTile } from '../image/resize-tile.js';
import type { Engine } from './engine.js';
import type { Picture } from './finish.js';
import { img2img } from './img2img.js';
import type { PaintOptions } from './progress.js';
import { sizeStep, type UpscaleRequest } from './request.js';

/**
 * Enlarges a picture and paints its details: Lanczos first, then img2img at a low strength (the model card's unless given,
 * 0.3 for Stable Diffusion). The reference's README names this use of img2img; AUTOMATIC1111 calls it "hires. fix".
 */
export async function upscale(engine: Engine, request: UpscaleRequest, options: PaintOptions = {}): Promise<Picture[]> {
  checkPixels('image', request.image);
  const factor = inRange('factor', request.factor ?? 2, 1, 4);
  const step = sizeStep(engine.model);
  const enlarged = (side: number) => Math.max(step, Math.round((side * factor) / step) * step);
  const size = [enlarged(request.image.width), enlarged(request.image.height)] as const;
  const image = resizeTile(request.image, ...size, request.tile);
  return img2img(
    engine,
    { ...request, strength: request.strength ?? engine.model.card.upscaleStrength, image, secondPass: true },
    options,
  );
}
