import { around, zoomedOut } from '../../engine/image/canvas.js';
import { MAX_SIDE } from '../../engine/pipeline/request.js';
import type { PaintRequest } from './paint-request.js';
import type { Size } from './size.js';

/** A canvas, and the size and place of a picture on it. */
export type Canvas = Pick<Extract<PaintRequest, { kind: 'outpaint' }>, 'width' | 'height' | 'at'>;

/** What a canvas may be. */
export interface CanvasLimits {
  /** Sides are multiples of so many pixels. */
  readonly step: number;
  /** Pixels in all. */
  readonly most: number;
}

/** Buttons that paint more around a picture. Numbered in custom ids from 1, so these never change places. */
export const WAYS = ['left', 'right', 'up', 'down', 'zoom1.5', 'zoom2', 'square'] as const;
export type Way = (typeof WAYS)[number];
export type Pan = Extract<Way, 'left' | 'right' | 'up' | 'down'>;

/** The canvas that a button asks for. */
export function canvasOf(way: Way, picture: Size, limits: CanvasLimits): Canvas {
  switch (way) {
    case 'zoom1.5':
      return zoomed(1.5, picture, limits);
    case 'zoom2':
      return zoomed(2, picture, limits);
    case 'square':
      return squared(picture, limits);
    default:
      return panned(way, picture, limits);
  }
}

/** As large as the picture is, which is shrunk and stands in the middle: Midjourney's "zoom out". */
export function zoomed(factor: number, picture: Size, limits: CanvasLimits): Canvas {
  const [width, height] = paintable(picture, limits);
  const { image, left, top } = zoomedOut({ width, height }, factor);
  return { width, height, at: { left, top, ...image } };
}

/**
 * Half as much again in one direction. Midjourney's "pan" lets the picture grow; here it grows as far as the limits go, and from
 * there on it is a window that moves: what leaves it at the other side is cut off.
 */
function panned(way: Pan, picture: Size, { step, most }: CanvasLimits): Canvas {
  // What is too large as it is leaves room for more.
  const tooLarge = picture[0] * picture[1] > most;
  const [width, height] = paintable(picture, { step, most: tooLarge ? most / 2 : most });
  const across = way === 'left' || way === 'right';
  const [side, other] = across ? [width, height] : [height, width];
  const more = Math.max(step, Math.round(side / 2 / step) * step);
  const room = Math.floor(Math.min(most / other, MAX_SIDE) / step) * step - side;
  const grown = Math.min(more, Math.max(0, room));
  const from = way === 'left' || way === 'up' ? more : grown - more;
  return across
    ? { width: side + grown, height, at: { left: from, top: 0, width, height } }
    : { width, height: side + grown, at: { left: 0, top: from, width, height } };
}

/** The shorter side grows at both ends to the longer; shrunk where such a square would be too large. */
function squared([width, height]: Size, { step, most }: CanvasLimits): Canvas {
  const longer = Math.max(width, height);
  const side = Math.min(Math.ceil(longer / step), Math.floor(Math.min(Math.sqrt(most), MAX_SIDE) / step)) * step;
  const scale = Math.min(1, side / longer);
  const image = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const { left, top } = around({ width: side, height: side }, image);
  return { width: side, height: side, at: { left, top, ...image } };
}

/** The picture's own size, in multiples that can be painted, and no larger than allowed. */
function paintable([width, height]: Size, { step, most }: CanvasLimits): Size {
  const scale = Math.min(1, Math.sqrt(most / (width * height)));
  const side = (length: number) => {
    const steps = (Math.min(length, MAX_SIDE) * scale) / step;
    return Math.max(1, scale < 1 ? Math.floor(steps) : Math.round(steps)) * step;
  };
  return [side(width), side(height)];
}
