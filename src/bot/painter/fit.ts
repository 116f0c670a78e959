import type { PaintRequest } from '../request/paint-request.js';
import { MOST_MASKED } from '../request/size.js';
import type { Fit } from './messages.js';

/** The factor by which upscaling makes width and height grow. */
export const FACTOR = 2;

/** The size that a request's source picture is scaled to. */
export function fitOf(request: PaintRequest, sizeStep: number): Fit {
  const { kind, width, height } = request;
  if (kind === 'outpaint') return { exactly: { width: request.at.width, height: request.at.height } };
  if (kind === 'inpaint' && request.masked) return { most: MOST_MASKED };
  return { sizeStep, area: (width * height) / (kind === 'upscale' ? FACTOR ** 2 : 1) };
}
