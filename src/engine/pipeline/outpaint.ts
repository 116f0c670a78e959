import { malformed } from '../check.js';
import { canvasSize, type Margins, onCanvas, roundedUp, seamMask } from '../image/canvas.js';
import type { Model } from '../model.js';
import { purposeOf } from '../purpose.js';
import type { Engine } from './engine.js';
import { inpaint } from './inpaint.js';
import type { Picture } from './picture.js';
import type { PaintOptions } from './progress.js';
import { type Opened, type OutpaintRequest, sizeOf, sizeStep } from './request.js';

const STRENGTH = 0.75;

/**
 * Paints beyond a picture's edges, with any model: on a canvas that mirrors the picture there, under noise, everything outside
 * the picture is repainted, and inside a soft seam along the sides that grow. Deeper inside, the pixels are the picture's own.
 * A canvas whose sides the model cannot paint grows to the next that it can. Strength is 0.75 by default, at which something of
 * the mirrored colours stays; a model made for inpainting sees the picture, and begins with nothing but noise.
 *
 * @throws RequestError if the canvas is too large, or nothing grows.
 */
export async function outpaint(
  engine: Engine,
  request: Opened<OutpaintRequest>,
  options: PaintOptions = {},
): Promise<Picture[]> {
  const { left, right, top, bottom, seam = usualSeam(engine.model), image, ...rest } = request;
  const asked = checkMargins({ left, right, top, bottom }, image);
  const margins = roundedUp(image, asked, sizeStep(engine.model));
  sizeOf(engine.model, canvasSize(image, margins));
  return inpaint(
    engine,
    {
      ...rest,
      strength: rest.strength ?? (purposeOf(engine.model) === 'inpaint' ? 1 : STRENGTH),
      image: onCanvas(image, margins),
      mask: seamMask(image, margins, seam),
      parameters: { outpaint: labelOf(margins) },
    },
    options,
  );
}

/** A sixteenth of the model's native side, two latents at least. */
function usualSeam({ card, downsampling }: Model): number {
  return Math.max(2 * downsampling, Math.round(card.nativeSize / 16));
}

function checkMargins(
  { left = 0, right = 0, top = 0, bottom = 0 }: Partial<Margins>,
  { width, height }: { width: number; height: number },
): Margins {
  const margins = { left, right, top, bottom };
  const cutOff = (before: number, after: number) => -Math.min(before, 0) - Math.min(after, 0);
  if (cutOff(left, right) >= width || cutOff(top, bottom) >= height) {
    throw malformed('left, right, top and bottom', 'cut off the whole picture.');
  }
  if (Math.max(left, right, top, bottom) <= 0) {
    throw malformed('left, right, top or bottom', 'must be above 0: a picture grows at one side at least.');
  }
  return margins;
}

function labelOf(margins: Margins): string {
  const said = Object.entries(margins).filter(([, pixels]) => pixels !== 0);
  return said.map(([side, pixels]) => `${side} ${pixels}`).join(', ');
}
