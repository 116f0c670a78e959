import type { Model } from '../../engine/model.js';
import { sizeStep } from '../../engine/pipeline/request.js';
import { AREA_WEIGHT, type Size, sizeNear } from '../request/size.js';

/** How many of its native squares a model is asked to paint at once: programs ask for sizes that other models paint. */
const MOST_SQUARES = 4;

/** The nearest size that a model paints well: of the same shape, and not much larger than what it was trained on. */
export function nearestSize(model: Model, [width, height]: Size): Size {
  const most = MOST_SQUARES * model.card.nativeSize ** 2;
  return sizeNear([width, height], Math.min(width * height, most), sizeStep(model), AREA_WEIGHT.words);
}
