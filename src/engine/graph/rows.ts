import { type Band, bandLines, inBands as bandsOf, meansInBands } from './bands.js';
import type { GraphBuilder, Value } from './builder.js';
import { Grid, type Window } from './im2col.js';
import * as layers from './layers.js';
import type { GroupNorm, Layout } from './layout.js';
import { type Products, rowsAsPicture } from './products.js';

/** Rows [b * h * w, c], and the grid they belong to. */
interface Rows {
  value: Value;
  grid: Grid;
  /** The type of the value. */
  type: 'float32' | 'float16';
}

/** A group norm of some features: x * by + plus, both [b, 1, channels]. */
interface Affine {
  by: Value;
  plus: Value;
  channels: number;
}

interface Conv {
  name: string;
  inputs: number;
  outputs: number;
  window?: Window;
  /** Norm and SiLU before it. */
  norm?: Affine;
  /** What is added to the result: `of` rows of x [b * h * w, channels]. */
  around?: { x: Rows; channels: number; of: (rows: Value) => Value };
}

const SAME: Window = { stride: 1, scale: 1, pad: 1 };

/**
 * Features as rows. A convolution gathers the nine rows around each position, and is then a matrix product. Norms,
 * attention, and the first and last convolutions are float32, whatever the products are.
 *
 * In int8, all rows of a tensor share one scale, so pictures in a batch influence each other: run one picture at a time.
 */
export function rows(g: GraphBuilder, products: Products): Layout<Rows> {
  const { linear, convolved, kept } = products;
  const unit = { alpha: { float: 1 } };

  /** @param count divides the number of rows, which are [n, width] before and after. */
  function inPieces(rows: Value, width: number, count: number, piece: (rows: Value) => Value): Value {
    if (count <= 1) return piece(rows);
    const pieces = g.op('Reshape', [rows, g.ints(count, -1, width)]);
    const [done] = g.scan([{ value: pieces, type: 'float32', rank: 2 }], [{ rank: 2 }], (part) => [piece(part)]);
    return g.op('Reshape', [done!, g.ints(-1, width)]);
  }

  const wide = (value: Value, type: Rows['type']) => (type === 'float32' ? value : g.cast(value, 'float32'));

  /** A 3x3 convolution of x after its norm and SiLU, if any, and what is added to the result, if anything. */
  function conv(x: Rows, { name, inputs, outputs, window = SAME, norm, around }: Conv): Rows {
    const after = x.grid.after(window);
    if (!inBands(x.grid, window)) {
      const read = wide(x.value, x.type);
      const input = norm ? silu(normalized(read, norm, x.grid)) : read;
      const { grid } = x;
      const field = { window, shape: (width: number) => grid.shape(width), windows: () => grid.windows(window) };
      const y = convolved(input, field, name, inputs, outputs);
      const value = around ? g.op('Add', [around.of(wide(around.x.value, around.x.type)), y]) : y;
      return { value, grid: after, type: 'float32' };
    }
    const work = (band: Band, beside?: Value) => {
      const read = wide(band.rows, x.type);
      const input = norm ? silu(ofPicture(read, norm, band.picture)) : read;
      const y = convolved(input, band, name, inputs, outputs);
      const sum = around ? g.op('Add', [around.of(wide(beside!, around.x.type)), y]) : y;
      // What float16 cannot hold becomes infinite, and the network is run again in float32 (runtime/half-session.ts).
      return kept === 'float32' ? sum : g.cast(sum, kept);
    };
    const beside = around && { ...around.x, channels: around.channels };
    const result = { rank: 2, type: kept };
    const bands = bandsOf(g, { ...x, channels: inputs }, window, result, work, beside);
    return { value: g.op('Reshape', [bands, g.ints(-1, outputs)]), grid: after, type: kept };
  }

  /**
   * The mean of x and of its squares over the places, [b, 1, c]: first along each row of the picture, then over the rows.
   * In one step, ONNX Runtime takes up to thirty times as long when b is 1.
   */
  function means({ value, grid, type }: Rows, channels: number): [Value, Value] {
    if (grid.multiple > 1) return meansInBands(g, { value, grid, channels, type });
    const lines = g.op('Reshape', [wide(value, type), grid.shape(channels)]);
    const mean = (x: Value) =>
      g.op('ReduceMean', [g.op('ReduceMean', [x, g.ints(2)], { keepdims: 0 }), g.ints(1)], { keepdims: 1 });
    return [mean(lines), mean(g.op('Mul', [lines, lines]))];
  }

  /**
   * Group norm of x + shift, as what it multiplies x by and adds to that. Because shift [b, 1, c] is the same at all
   * places, the statistics of the sum follow from those of x.
   */
  function norm(x: Rows, { name, channels, groups, eps }: GroupNorm, shift?: Value): Affine {
    let [mean, square] = means(x, channels);
    if (shift) {
      const twice = g.op('Add', [g.op('Add', [mean, mean]), shift]);
      square = g.op('Add', [square, g.op('Mul', [shift, twice])]);
      mean = g.op('Add', [mean, shift]);
    }
    const perGroup = (v: Value) =>
      g.op('ReduceMean', [g.op('Reshape', [v, g.ints(0, groups, -1)]), g.ints(2)], { keepdims: 1 });
    const [m, q] = [perGroup(mean), perGroup(square)];
    // Rounding can make a variance of zero slightly negative.
    const variance = g.op('Relu', [g.op('Sub', [q, g.op('Mul', [m, m])])]);
    const inverse = g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, g.floats([eps])])])]);
    const side = [groups, channels / groups];
    const weight = g.op('Reshape', [g.weight(`${name}.weight`, [channels]), g.ints(...side)]);
    const bias = g.op('Reshape', [g.weight(`${name}.bias`, [channels]), g.ints(...side)]);
    const scale = g.op('Mul', [inverse, weight]);
    const offset = g.op('Sub', [bias, g.op('Mul', [m, scale])]);
    const [by, plus] = [scale, offset].map((v) => g.op('Reshape', [v, g.ints(0, 1, channels)])) as [Value, Value];
    return { by, plus: shift ? g.op('Add', [plus, g.op('Mul', [shift, by])]) : plus, channels };
  }

  function normalized(x: Value, { by, plus, channels }: Affine, grid: Grid): Value {
    const pictures = g.op('Reshape', [x, grid.sequences(channels)]);
    return g.op('Reshape', [g.op('Add', [g.op('Mul', [pictures, by]), plus]), g.ints(-1, channels)]);
  }

  /** The same for rows of one picture. */
  function ofPicture(x: Value, { by, plus }: Affine, picture: Value): Value {
    const [own, more] = [by, plus].map((v) => g.op('Squeeze', [g.op('Gather', [v, picture]), g.ints(0)]));
    return g.op('Add', [g.op('Mul', [x, own!]), more!]);
  }

  const silu = (x: Value) => g.fused('QuickGelu', [x], unit);

  function resnet(x: Rows, { name, inputs, outputs, groups, eps, time }: layers.Resnet): Rows {
    const first = norm(x, { name: `${name}.norm1`, channels: inputs, groups, eps });
    const middle = conv(x, { name: `${name}.conv1`, inputs, outputs, norm: first });
    const shift =
      time &&
      g.op('Reshape', [linear(time.value, `${name}.time_emb_proj`, time.width, outputs), g.ints(-1, 1, outputs)]);
    const second = norm(middle, { name: `${name}.norm2`, channels: outputs, groups, eps }, shift);
    const around = {
      x,
      channels: inputs,
      of: (rows: Value) => (inputs === outputs ? rows : linear(rows, `${name}.conv_shortcut`, inputs, outputs)),
    };
    return conv(middle, { name: `${name}.conv2`, inputs: outputs, outputs, norm: second, around });
  }

  function feedForward(x: Value, block: string, width: number, eps: number, multiple: number): Value {
    const inner = width * 4;
    const proj = `${block}.ff.net.0.proj`;
    const piece = (part: Value) => {
      const input = layers.layerNorm(g, part, `${block}.norm3`, width, eps);
      const half = (from: number) => linear(input, proj, width, 2 * inner, true, [from, from + inner]);
      const gated = g.op('Mul', [half(0), g.op('Gelu', [half(inner)])]);
      return g.op('Add', [part, linear(gated, `${block}.ff.net.2`, inner, width)]);
    };
    return inPieces(x, width, width < WIDE ? 1 : Math.max(1, multiple / 2), piece);
  }

  /** Norm, SiLU and a convolution in float32 to a picture [b, outputs, h, w]. */
  function leave(x: Rows, group: GroupNorm, name: string, outputs: number): Value {
    const { grid } = x;
    const { channels } = group;
    const last = norm(x, group);
    if (!inBands(grid, SAME)) {
      const picture = rowsAsPicture(g, silu(normalized(wide(x.value, x.type), last, grid)), grid.shape(channels));
      return layers.conv(g, picture, name, channels, outputs);
    }
    const result = { rank: 4, type: 'float32' } as const;
    const bands = bandsOf(g, { ...x, channels }, SAME, result, ({ rows, picture, within, shape }) => {
      const read = rowsAsPicture(g, silu(ofPicture(wide(rows, x.type), last, picture)), shape(channels));
      const inside = g.op('Where', [within, read, g.floats([0])]);
      return layers.conv(g, inside, name, channels, outputs, { pads: [0, 1, 0, 1] });
    });
    // [b * bands, 1, outputs, lines, w]
    const split = g.op('Concat', [grid.batch, g.ints(-1, outputs), bandLines(g, grid), grid.width], { axis: 0 });
    const inOrder = g.op('Transpose', [g.op('Reshape', [bands, split])], { perm: [0, 2, 1, 3, 4] });
    return g.op('Reshape', [
      inOrder,
      g.op('Concat', [grid.batch, g.ints(outputs), grid.height, grid.width], { axis: 0 }),
    ]);
  }

  return {
    enter(picture, name, inputs, outputs, multiple) {
      const side = (axis: number) => g.op('Shape', [picture], { start: axis, end: axis + 1 });
      const value = layers.toRows(g, layers.conv(g, picture, name, inputs, outputs), outputs);
      return { value, grid: new Grid(g, side(0), side(2), side(3), multiple), type: 'float32' };
    },
    leave,
    asPicture: (x, channels) => rowsAsPicture(g, wide(x.value, x.type), x.grid.shape(channels)),
    resnet,
    downsample: (x, name, channels, [pad]) => {
      const window = { stride: 2, scale: 1, pad: pad as 0 | 1 } as const;
      return conv(x, { name, inputs: channels, outputs: channels, window });
    },
    upsample: (x, name, channels) => {
      const window = { stride: 1, scale: 2, pad: 1 } as const;
      return conv(x, { name, inputs: channels, outputs: channels, window });
    },
    join: (x, skip) => ({ ...x, value: g.op('Concat', [x.value, skip.value], { axis: 1 }) }),
    normRows: (x, group) => normalized(wide(x.value, x.type), norm(x, group), x.grid),
    linear,
    some: products.some,
    feedForward,
    addPicture: (x, picture, channels) => {
      const added = layers.toRows(g, picture, channels);
      return { ...x, value: g.op('Add', [wide(x.value, x.type), added]), type: 'float32' };
    },
    addRows: (x, rows) => ({ ...x, value: g.op('Add', [wide(x.value, x.type), rows]), type: 'float32' }),
  };
}

/**
 * From this width on, a feed-forward is computed in pieces, so that the values between its two matrices, four times as
 * wide, fit into the processor's cache: 256 rows each at SD v1's native size with guidance.
 */
const WIDE = 320;

/** Whether a convolution goes in bands: of features that are never large, it goes as a whole. */
function inBands(grid: Grid, window: Window): boolean {
  return grid.after(window).multiple > 1 || grid.multiple > 1;
}
