import { joinedIn } from '../../engine/text/joined.js';
import { factorOf, onlyEnlarges, type PaintRequest } from './paint-request.js';
import { isVaried, picturesOf } from './varied.js';

/** What Real-ESRGAN computes for a pixel, in guided steps of Stable Diffusion v1. */
const ENLARGING = 6;

/** Pixels x steps x pictures: the unit of queues and limits. */
export function workOf(request: PaintRequest): number {
  const { width, height, steps, count, kind } = request;
  if (isVaried(request)) return picturesOf(request).reduce((sum, picture) => sum + workOf(picture), 0);
  if (onlyEnlarges(request)) return (width * height * ENLARGING) / factorOf(request) ** 2;
  // Guidance is two runs of the noise predictor, and each further prompt is one more.
  const runs = 1 + joinedIn(request.prompt);
  const pixels = kind === 'inpaint' && request.masked ? request.masked.pixels : width * height;
  return (pixels * steps * count * (kind === 'upscale' ? 4 : 1) * runs) / 2;
}
