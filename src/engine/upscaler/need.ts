import type { Weights } from '../checkpoint/tensor.js';
import { elements } from '../shape.js';
import type { UpscalerConfig } from './architecture.js';
import { CUTTING, type Cutting } from './enlarge.js';

/** Bytes of float32. */
const FLOAT = 4;
/** Bytes that are held for each weight, and how many times its largest features a run takes (docs/performance.md). */
const [HELD, FEATURES] = [1.4 * FLOAT, 4.5];
/** For Node itself, and for the picture. */
const RESERVE = 64 * 2 ** 20;

/** Where memory is short: smaller tiles, of which more is overlap, so that they take longer. */
const SIDES = [CUTTING.tile, 96, 64];

/** Bytes that an upscaler holds after its first run. */
export function heldBytes(weights: Weights): number {
  return HELD * [...weights.values()].reduce((sum, { shape }) => sum + elements(shape), 0);
}

/** How a picture is cut so that a run goes into so many bytes; undefined if there is no such way. */
export function cuttingFor({ kind, width, scale }: UpscalerConfig, bytes: number): Cutting | undefined {
  const channels = (side: number) =>
    (kind === 'rrdb' ? width * scale ** 2 : Math.max(width, 3 * scale ** 2)) * side ** 2;
  const tile = SIDES.find((side) => RESERVE + FEATURES * FLOAT * channels(side) <= bytes);
  return tile === undefined ? undefined : { ...CUTTING, tile };
}
