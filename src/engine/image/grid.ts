import { list, type Rule } from '../schema.js';
import { paste } from './paste.js';
import { checkPixels, type Pixels, sameSize } from './pixels.js';

/** Black pixels between pictures and around them. */
const PADDING = 2;

/**
 * Pictures of one size in rows of at most `columns`, as the reference scripts lay them out with torchvision's make_grid
 * (padding 2, pad_value 0): a black frame around each, empty places black. A single picture is returned as it is.
 * @throws RangeError if there is no picture, if sizes differ, or if there is no column.
 */
export function grid(pictures: readonly Pixels[], columns: number): Pixels {
  list(checkPixels as Rule<Pixels>)('pictures', pictures);
  const { width, height } = sameSize(pictures);
  if (!(columns >= 1)) throw new RangeError(`A grid needs at least one column, got ${columns}.`);
  if (pictures.length === 1) return pictures[0]!;

  const across = Math.min(columns, pictures.length);
  const down = Math.ceil(pictures.length / across);
  const size = { width: across * (width + PADDING) + PADDING, height: down * (height + PADDING) + PADDING };
  const whole = { ...size, data: new Uint8Array(size.width * size.height * 3) };
  pictures.forEach((picture, k) => {
    const left = (k % across) * (width + PADDING) + PADDING;
    const top = Math.floor(k / across) * (height + PADDING) + PADDING;
    paste(whole, picture, left, top);
  });
  return whole;
}
