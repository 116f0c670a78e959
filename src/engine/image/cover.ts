import { wholeInRange } from '../check.js';
import { checkPixels, type Pixels } from './pixels.js';
import { cut } from './region.js';
import { resize } from './resize.js';

/** Pixels of a side. */
const MOST = 100_000;

/** Cuts off what does not fit the shape, alike on both sides, and resizes what is left. */
export function cover(picture: Pixels, width: number, height: number): Pixels {
  checkPixels('picture', picture);
  wholeInRange('width', width, 1, MOST);
  wholeInRange('height', height, 1, MOST);
  const scale = Math.min(picture.width / width, picture.height / height);
  const part = {
    width: Math.min(picture.width, Math.max(1, Math.round(width * scale))),
    height: Math.min(picture.height, Math.max(1, Math.round(height * scale))),
  };
  const [left, top] = [(picture.width - part.width) >> 1, (picture.height - part.height) >> 1];
  return resize(cut(picture, { left, top, ...part }), width, height, 'lanczos');
}
