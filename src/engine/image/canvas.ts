import { TorchGenerator } from '../random/torch.js';
import type { Pixels } from './pixels.js';

/** Width and height in pixels. */
type Size = Pick<Pixels, 'width' | 'height'>;

/** Pixels that a canvas has beyond a picture at each side; negative ones are cut off. */
export interface Margins {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A picture and its place on a canvas. */
export interface Placed extends Margins {
  readonly image: Size;
}

/** The size of the canvas. */
export function canvasSize({ width, height }: Size, { left, right, top, bottom }: Margins): Size {
  return { width: left + width + right, height: top + height + bottom };
}

/**
 * The same margins, larger where the canvas would not be a multiple of `step`: what is missing is shared by the sides that
 * grow, in proportion (AUTOMATIC1111's outpainting scripts), or else added at the right or the bottom.
 */
export function roundedUp(picture: Size, margins: Margins, step: number): Margins {
  const { width, height } = canvasSize(picture, margins);
  const [left, right] = shared(margins.left, margins.right, missing(width, step));
  const [top, bottom] = shared(margins.top, margins.bottom, missing(height, step));
  return { left, right, top, bottom };
}

const missing = (side: number, step: number) => Math.max(1, Math.ceil(side / step)) * step - side;

function shared(before: number, after: number, more: number): [number, number] {
  const [a, b] = [Math.max(before, 0), Math.max(after, 0)];
  const first = a + b > 0 ? Math.round((more * a) / (a + b)) : 0;
  return [before + first, after + more - first];
}

/** How far a picture can be zoomed out at once. */
export const ZOOM = { low: 1.1, high: 4 } as const;

/** In the middle of a canvas, a picture shrunk to the `factor`-th part of the canvas's sides. */
export function zoomedOut(canvas: Size, factor: number): Placed {
  const image = {
    width: Math.max(1, Math.round(canvas.width / factor)),
    height: Math.max(1, Math.round(canvas.height / factor)),
  };
  return { image, ...around(canvas, image) };
}

/** Margins that put a picture into the middle of a canvas. */
export function around(canvas: Size, picture: Size): Margins {
  const [across, down] = [canvas.width - picture.width, canvas.height - picture.height];
  const [left, top] = [Math.floor(across / 2), Math.floor(down / 2)];
  return { left, right: across - left, top, bottom: down - top };
}

/** Standard deviation of the noise, of 255, where it is strongest: this many pixels from the picture, and beyond. */
const NOISE = { most: 40, from: 64 } as const;
/** The part of the picture's sides that is mirrored, again and again. */
const EDGE = 1 / 8;

/**
 * The picture on its canvas. Beyond its edges the canvas mirrors what is just inside them, which gives a painter colours and
 * lines to continue, but no second copy of what the picture is of; under grey noise that grows with the distance, so that
 * there is something to make shapes of. The noise is always the same (AUTOMATIC1111's "outpainting mk2" has a static seed,
 * too): a picture depends on its own seed alone.
 */
export function onCanvas(picture: Pixels, margins: Margins): Pixels {
  const { width, height } = canvasSize(picture, margins);
  const columns = Int32Array.from({ length: width }, (_, x) => mirrored(x - margins.left, picture.width));
  const rows = Int32Array.from({ length: height }, (_, y) => mirrored(y - margins.top, picture.height));
  const data = new Uint8Array(width * height * 3);
  const noise = new TorchGenerator(0).randn(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 3 * (rows[y]! * picture.width + columns[x]!);
      const to = 3 * (y * width + x);
      const away = Math.max(beyond(x - margins.left, picture.width), beyond(y - margins.top, picture.height));
      const grain = noise[y * width + x]! * NOISE.most * Math.min(1, away / NOISE.from);
      for (let c = 0; c < 3; c++)
        data[to + c] = Math.min(255, Math.max(0, Math.round(picture.data[from + c]! + grain)));
    }
  }
  return { width, height, data };
}

/** How far outside 0..length - 1; 0 inside. */
const beyond = (at: number, length: number) => Math.max(0, -at, at - length + 1);

/** A place outside 0..length - 1 as one inside, near the end: reflected there, and back, as often as it takes. */
function mirrored(at: number, length: number): number {
  if (at >= 0 && at < length) return at;
  const edge = Math.max(1, Math.round(length * EDGE));
  const away = (beyond(at, length) - 1) % (2 * edge);
  const depth = away < edge ? away : 2 * edge - 1 - away;
  return at < 0 ? depth : length - 1 - depth;
}

/**
 * What is painted of a canvas: white beyond the picture; inside, along the sides that grow, a seam that falls from white to
 * black; everything deeper inside is black. No seam takes more than a quarter of the picture.
 *
 * @param seam pixels.
 */
export function seamMask(picture: Size, margins: Margins, seam: number): Pixels {
  const { width, height } = canvasSize(picture, margins);
  const columns = ramp(width, picture.width, margins.left, margins.right, seam);
  const rows = ramp(height, picture.height, margins.top, margins.bottom, seam);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = 3 * (y * width + x);
      data.fill(Math.max(columns[x]!, rows[y]!), to, to + 3);
    }
  }
  return { width, height, data };
}

/** How white the mask is along one side of the canvas. */
function ramp(length: number, inside: number, before: number, after: number, seam: number): Uint8Array {
  const soft = Math.min(seam, Math.floor(inside / 4));
  return Uint8Array.from({ length }, (_, at) => {
    const place = at - before;
    if (place < 0 || place >= inside) return 255;
    const depth = Math.min(before > 0 ? place : soft, after > 0 ? inside - 1 - place : soft);
    return depth >= soft ? 0 : Math.round(255 * (1 - (depth + 1) / (soft + 1)));
  });
}
