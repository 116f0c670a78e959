import { RequestError } from '../errors.js';
import type { GenerationParameters } from '../image/metadata/parameters.js';
import type { Pixels } from '../image/pixels.js';
import { cut, maskedRegion, padded, pasted, type Region, scaled, shapedAs } from '../image/region.js';
import { resize } from '../image/resize.js';
import type { Model } from '../model.js';
import { type InpaintRequest, nearestSide, type Opened, sizeStep } from './request.js';

/** AUTOMATIC1111's default of "only masked padding", in pixels; and the most. */
export const PADDING = { usual: 32, most: 256 } as const;
/** Most times that a part is wider than high, or higher than wide. */
const LONGEST = 4;

/** What of a picture is painted, and how the result becomes a picture again. */
interface Part {
  readonly image: Pixels;
  /** As large. */
  readonly mask: Pixels;
  /** The same part of another picture of it, such as one that steers. */
  of(other: Pixels): Pixels;
  /** Puts what was painted into the picture. Where the mask is black, its pixels stay as they were. */
  retouch(painted: Pixels): Pixels;
  readonly parameters?: Partial<GenerationParameters>;
}

/**
 * All of the picture; or only the masked part, as AUTOMATIC1111 does it (modules/masking.py): the least rectangle around the
 * mask, with padding, in proportions that the model can paint, resized to them and back. There the size is always the one
 * that was asked for; here it has the rectangle's proportions, up to 4:1.
 */
export function partToPaint(model: Model, request: Opened<InpaintRequest>): Part {
  const { image, mask } = request;
  if ((request.area ?? 'whole') === 'whole') {
    const all: Region = { left: 0, top: 0, width: image.width, height: image.height };
    return { image, mask, of: (other) => other, retouch: (painted) => pasted(image, painted, mask, all) };
  }
  const padding = request.padding ?? PADDING.usual;
  const pixels = request.pixels ?? model.card.nativeSize ** 2;
  const masked = maskedRegion(mask);
  if (!masked) {
    throw new RequestError('The mask is black everywhere, so nothing would be painted: paint the area white.', {
      meaning: { code: 'maskBlack', values: {} },
    });
  }
  const around = padded(masked, padding, image);
  const size = paintedSize(around, pixels, sizeStep(model));
  const region = shapedAs(around, size, image);
  return {
    image: resize(cut(image, region), size.width, size.height, 'lanczos'),
    mask: resize(cut(mask, region), size.width, size.height, 'lanczos'),
    of: (other) => cut(other, scaled(region, image, other)),
    retouch: (painted) => pasted(image, resize(painted, region.width, region.height, 'lanczos'), mask, region),
    parameters: { inpaintArea: 'Only masked', maskedPadding: padding },
  };
}

function paintedSize({ width, height }: Region, pixels: number, step: number): Pick<Pixels, 'width' | 'height'> {
  const ratio = Math.min(Math.max(width / height, 1 / LONGEST), LONGEST);
  return { width: nearestSide(Math.sqrt(pixels * ratio), step), height: nearestSide(Math.sqrt(pixels / ratio), step) };
}
