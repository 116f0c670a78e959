import type { PaintRequest } from './paint-request.js';
import { isVaried, picturesOf } from './varied.js';

/** Pixels x steps x pictures: the unit of queues and limits. */
export function workOf(request: PaintRequest): number {
  const { width, height, steps, count, kind } = request;
  if (isVaried(request)) return picturesOf(request).reduce((sum, picture) => sum + workOf(picture), 0);
  return width * height * steps * count * (kind === 'upscale' ? 4 : 1);
}
