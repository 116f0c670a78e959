import type { Value } from './builder.js';
import type { Resnet } from './layers.js';

export interface GroupNorm {
  name: string;
  channels: number;
  groups: number;
  eps: number;
}

/**
 * How features are laid out in memory, and the layers for that layout. Each network is written once and works with any
 * of them.
 *
 * F is the type of a picture's features, by default one value [b, c, h, w]. Rows are always [b * h * w, c].
 */
export interface Layout<F = Value> {
  /**
   * The first convolution, 3x3, of a picture [b, inputs, h, w].
   *
   * @param multiple the height is a multiple of it, whatever the picture: 1 by default.
   */
  enter(picture: Value, name: string, inputs: number, outputs: number, multiple?: number): F;
  /** Norm, SiLU and the last convolution, 3x3, to a picture [b, outputs, h, w]. */
  leave(x: F, norm: GroupNorm, name: string, outputs: number): Value;
  /** The features themselves as a picture [b, channels, h, w], in float32 or the graph's float. */
  asPicture(x: F, channels: number): Value;
  resnet(x: F, block: Resnet): F;
  /** 3x3, stride 2. @param pads top, left, bottom, right. */
  downsample(x: F, name: string, channels: number, pads: readonly [number, number, number, number]): F;
  /** Nearest-neighbour doubling, then 3x3. */
  upsample(x: F, name: string, channels: number): F;
  /** The channels of `x`, then those of `skip`. */
  join(x: F, skip: F): F;
  /** Normalized, as rows. */
  normRows(x: F, norm: GroupNorm): Value;
  linear(rows: Value, name: string, inputs: number, outputs: number, bias?: boolean): Value;
  /** The rows that `pick` keeps, which it must not change. Only for {@link linear}. */
  some(rows: Value, pick: (rows: Value) => Value): Value;
  /**
   * x + feed-forward of its layer norm `norm3`, with GEGLU (Shazeer 2020) and exact GELU.
   *
   * @param multiple divides the number of rows, whatever the picture's size.
   */
  feedForward(x: Value, block: string, width: number, eps: number, multiple: number): Value;
  /** Adds a picture [b or 1, channels, h, w]. */
  addPicture(x: F, picture: Value, channels: number): F;
  /** Adds rows to the features they were computed from. */
  addRows(x: F, rows: Value, channels: number): F;
}
