import type { Tile } from '../tile.js';
import { wraps } from '../tile.js';
import type { GraphBuilder, Value } from './builder.js';

/** Top, left, bottom, right. */
type Pads = readonly [top: number, left: number, bottom: number, right: number];

/** Beyond the end of any axis. */
const END = 2 ** 40;

/**
 * A picture [b, c, h, w] with what a convolution reads beyond the edges that continue each other: torch's circular padding,
 * of these edges only. Made of slices, because not every device has ONNX's Pad with `wrap`.
 *
 * @returns the picture, and the zeros that are still to be put around it.
 */
export function wrapped(g: GraphBuilder, x: Value, pads: Pads, tile: Tile): [Value, Pads] {
  const { across, down } = wraps(tile);
  const [top, left, bottom, right] = pads;
  const wide = across ? extended(g, x, 3, left, right) : x;
  const high = down ? extended(g, wide, 2, top, bottom) : wide;
  return [high, [down ? 0 : top, across ? 0 : left, down ? 0 : bottom, across ? 0 : right]];
}

/** The last places of an axis before its first, and its first after its last. */
function extended(g: GraphBuilder, x: Value, axis: number, before: number, after: number): Value {
  const slice = (from: number, to: number) => g.op('Slice', [x, g.ints(from), g.ints(to), g.ints(axis)]);
  const parts = [...(before ? [slice(-before, END)] : []), x, ...(after ? [slice(0, after)] : [])];
  return parts.length === 1 ? x : g.op('Concat', parts, { axis });
}
