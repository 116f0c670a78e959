import type { PaintRequest } from '../request/paint-request.js';

/** The factor by which upscaling makes width and height grow. */
export const FACTOR = 2;

/** Pixels of the source picture, approximately. */
export function sourceArea({ kind, width, height }: Pick<PaintRequest, 'kind' | 'width' | 'height'>): number {
  return (width * height) / (kind === 'upscale' ? FACTOR ** 2 : 1);
}
