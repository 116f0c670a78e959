import { oneOf } from '../../check.js';
import { cover } from '../cover.js';
import { checkPixels, type Pixels } from '../pixels.js';
import { canny } from './canny.js';
import { colour } from './colour.js';
import { gaussian } from './gaussian.js';
import { lineart, scribble } from './strokes.js';

interface Making {
  /** AUTOMATIC1111's name of the same (sd-webui-controlnet). */
  readonly module: string;
  /** Its thresholds A and B, where it has any. */
  readonly thresholds?: readonly [number, number];
  make(picture: Pixels): Pixels;
}

/** What makes a ControlNet's picture of any other without a network. */
export const PREPROCESSORS = {
  none: { module: 'none', make: (picture) => picture },
  canny: { module: 'canny', thresholds: [100, 200], make: (picture) => canny(picture, 100, 200) },
  scribble: { module: 'scribble_xdog', make: scribble },
  lineart: { module: 'lineart_standard', make: lineart },
  invert: { module: 'invert', make: (picture) => mapped(picture, (byte) => 255 - byte) },
  /** The picture itself, whose details are painted anew. */
  tile: { module: 'tile_resample', make: (picture) => picture },
  blur: { module: 'blur_gaussian', make: (picture) => ({ ...picture, data: rounded(gaussian(picture, 9, 3)) }) },
  colour: { module: 't2ia_color_grid', make: colour },
} satisfies Record<string, Making>;

export type Preprocessor = keyof typeof PREPROCESSORS;

export const PREPROCESSOR_NAMES = Object.keys(PREPROCESSORS) as Preprocessor[];

/** By its own name, or AUTOMATIC1111's, whose modules may say more in brackets. */
export function preprocessorNamed(text: string): Preprocessor | null {
  const name = text.toLowerCase().replace(/ \(.*\)$/, '');
  if (name === 'color') return 'colour';
  return PREPROCESSOR_NAMES.find((own) => own === name || PREPROCESSORS[own].module === name) ?? null;
}

/** The thresholds of a module's result; undefined if it has none. */
export function thresholdsOf(preprocessor: Preprocessor): readonly [number, number] | undefined {
  const { thresholds }: Making = PREPROCESSORS[preprocessor];
  return thresholds;
}

/**
 * A picture as a ControlNet takes it: cut to the shape of what is painted, resized, and made into what the network was
 * trained on.
 *
 * @param width of what is painted, in pixels, as `height`.
 */
export function controlPicture(picture: Pixels, width: number, height: number, preprocessor: Preprocessor): Pixels {
  checkPixels('control', picture);
  oneOf('preprocessor', preprocessor, PREPROCESSOR_NAMES);
  return PREPROCESSORS[preprocessor].make(cover(picture, width, height));
}

function mapped(picture: Pixels, value: (byte: number) => number): Pixels {
  return { ...picture, data: picture.data.map(value) };
}

function rounded(values: Float32Array): Uint8Array {
  return Uint8Array.from(values, Math.round);
}
