import { factorOf, onlyEnlarges, type PaintRequest } from '../request/paint-request.js';
import { MOST_MASKED, MOST_TO_ENLARGE } from '../request/size.js';
import type { Fit } from './messages.js';

/** The size that a request's source picture is scaled to. */
export function fitOf(request: PaintRequest, sizeStep: number): Fit {
  const { kind, width, height } = request;
  if (kind === 'outpaint') return { exactly: { width: request.at.width, height: request.at.height } };
  if (kind === 'inpaint' && request.masked) return { most: MOST_MASKED };
  if (onlyEnlarges(request)) return { most: MOST_TO_ENLARGE, made: true };
  return { sizeStep, area: (width * height) / (kind === 'upscale' ? factorOf(request) ** 2 : 1) };
}
