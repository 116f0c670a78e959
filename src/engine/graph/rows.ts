import type { GraphBuilder, Value } from './builder.js';
import { Grid, type Window } from './im2col.js';
import * as layers from './layers.js';
import type { GroupNorm, Layout } from './layout.js';

/** Rows [b * h * w, c], and the grid they belong to. */
interface Rows {
  value: Value;
  grid: Grid;
}

/** The outputs of DynamicQuantizeLinear: uint8 values, their scale and zero point. */
interface Quantized {
  q: Value;
  scale: Value;
  zero: Value;
}

const SAME: Window = { stride: 1, scale: 1, pad: 1 };

/**
 * Features as rows; matrices and convolutions in int8. Weights are quantized ahead, per column; activations when the
 * graph runs, per tensor. A convolution gathers the nine rows around each position, already in 8 bits, and is then a
 * matrix product. Norms, attention, and the first and last convolutions stay in float32.
 *
 * All rows of a tensor share one scale, so pictures in a batch influence each other: run one picture at a time.
 */
export function int8Rows(g: GraphBuilder): Layout<Rows> {
  const known = new Map<Value, Quantized>();
  const rests = new Map<Value, Quantized>();
  const unit = { alpha: { float: 1 } };

  const dynamic = (x: Value): Quantized => {
    const [q, scale, zero] = g.ops('DynamicQuantizeLinear', [x], 3) as [Value, Value, Value];
    return { q, scale, zero };
  };
  const quantized = (x: Value) => cached(known, x, () => dynamic(x));
  /** The rounding error of quantizing x. */
  const rest = (x: Value) =>
    cached(rests, x, () => {
      const { q, scale, zero } = quantized(x);
      return dynamic(g.op('Sub', [x, g.op('DequantizeLinear', [q, scale, zero])]));
    });
  const times = ({ q, scale, zero }: Quantized, w: { matrix: Value; scale: Value }, bias: Value | '') =>
    g.fused('MatMulIntegerToFloat', [q, w.matrix, scale, w.scale, zero, '', bias]);

  /** @param count divides the number of rows. */
  function inPieces(rows: Value, count: number, piece: (rows: Value) => Value): Value {
    if (count <= 1) return piece(rows);
    const parts = g.ops('Split', [rows], count, { axis: 0, num_outputs: count });
    return g.op('Concat', parts.map(piece), { axis: 0 });
  }

  function linear(x: Value, name: string, inputs: number, outputs: number, bias = true): Value {
    const w = g.int8(`${name}.weight`, [outputs, inputs]);
    const y = times(quantized(x), w, bias ? g.weight(`${name}.bias`, [outputs]) : '');
    return TWO_PART.test(name) ? g.op('Add', [y, times(rest(x), w, '')]) : y;
  }

  function conv(x: Rows, name: string, inputs: number, outputs: number, window: Window = SAME): Value {
    const { q, scale, zero } = quantized(x.value);
    const source = g.op('Concat', [q, g.op('Expand', [zero, g.ints(1, inputs)])], { axis: 0 });
    const w = g.int8(`${name}.weight`, [outputs, inputs, 3, 3]);
    const bias = g.weight(`${name}.bias`, [outputs]);
    return inPieces(x.grid.windows(window), x.grid.pieces * (window.scale / window.stride) ** 2, (rows) => {
      const flat = g.op('Reshape', [g.op('Gather', [source, rows], { axis: 0 }), g.ints(-1, 9 * inputs)]);
      return times({ q: flat, scale, zero }, w, bias);
    });
  }

  /**
   * The mean of [b, places, c] over the places, [b, 1, c]: first along each row of the picture, then over the rows. In
   * one step, ONNX Runtime takes up to thirty times as long when b is 1.
   */
  function overPlaces(x: Value, grid: Grid, channels: number): Value {
    const lines = g.op('Reshape', [x, grid.shape(channels)]);
    return g.op('ReduceMean', [g.op('ReduceMean', [lines, g.ints(2)], { keepdims: 0 }), g.ints(1)], { keepdims: 1 });
  }

  /**
   * Group norm of x + shift. Because shift [b, 1, c] is the same at all places, the statistics of the sum follow from
   * those of x.
   */
  function norm({ value, grid }: Rows, { name, channels, groups, eps }: GroupNorm, shift?: Value): Value {
    const x = g.op('Reshape', [value, grid.sequences(channels)]);
    let mean = overPlaces(x, grid, channels);
    let square = overPlaces(g.op('Mul', [x, x]), grid, channels);
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
    const all = shift ? g.op('Add', [plus, g.op('Mul', [shift, by])]) : plus;
    return g.op('Reshape', [g.op('Add', [g.op('Mul', [x, by]), all]), g.ints(-1, channels)]);
  }

  const silu = (x: Value) => g.fused('QuickGelu', [x], unit);

  function resnet(x: Rows, { name, inputs, outputs, groups, eps, time }: layers.Resnet): Rows {
    const { grid } = x;
    const first = silu(norm(x, { name: `${name}.norm1`, channels: inputs, groups, eps }));
    const middle = { value: conv({ value: first, grid }, `${name}.conv1`, inputs, outputs), grid };
    const shift =
      time &&
      g.op('Reshape', [
        layers.linear(g, time.value, `${name}.time_emb_proj`, time.width, outputs),
        g.ints(-1, 1, outputs),
      ]);
    const second = silu(norm(middle, { name: `${name}.norm2`, channels: outputs, groups, eps }, shift));
    const h = conv({ value: second, grid }, `${name}.conv2`, outputs, outputs);
    const around = inputs === outputs ? x.value : linear(x.value, `${name}.conv_shortcut`, inputs, outputs);
    return { value: g.op('Add', [around, h]), grid };
  }

  function feedForward(x: Value, block: string, width: number, eps: number, multiple: number): Value {
    const inner = width * 4;
    const proj = `${block}.ff.net.0.proj`;
    const piece = (part: Value) => {
      const input = quantized(layers.layerNorm(g, part, `${block}.norm3`, width, eps));
      const half = (from: number) => {
        const range = [from, from + inner] as const;
        const w = g.int8(`${proj}.weight`, [2 * inner, width], range);
        return times(input, w, g.weight(`${proj}.bias`, [2 * inner], range));
      };
      const gated = g.op('Mul', [half(0), g.op('Gelu', [half(inner)])]);
      return g.op('Add', [part, linear(gated, `${block}.ff.net.2`, inner, width)]);
    };
    return inPieces(x, width < WIDE ? 1 : Math.max(1, multiple / 2), piece);
  }

  return {
    enter(picture, name, inputs, outputs) {
      const side = (axis: number) => g.op('Shape', [picture], { start: axis, end: axis + 1 });
      const value = layers.toRows(g, layers.conv(g, picture, name, inputs, outputs), outputs);
      return { value, grid: new Grid(g, side(0), side(2), side(3)) };
    },
    leave(x, group, name, outputs) {
      const rows = silu(norm(x, group));
      const last = g.op('Reshape', [rows, x.grid.shape(group.channels)]);
      const picture = g.op('Transpose', [last], { perm: [0, 3, 1, 2] });
      return layers.conv(g, picture, name, group.channels, outputs);
    },
    resnet,
    downsample: (x, name, channels, [pad]) => ({
      value: conv(x, name, channels, channels, { stride: 2, scale: 1, pad: pad as 0 | 1 }),
      grid: x.grid.half,
    }),
    upsample: (x, name, channels) => ({
      value: conv(x, name, channels, channels, { stride: 1, scale: 2, pad: 1 }),
      grid: x.grid.double,
    }),
    join: (x, skip) => ({ value: g.op('Concat', [x.value, skip.value], { axis: 1 }), grid: x.grid }),
    normRows: norm,
    linear,
    feedForward,
    addRows: (x, rows) => ({ value: g.op('Add', [x.value, rows]), grid: x.grid }),
  };
}

/**
 * Layers whose rounding harms the picture most. The rounding error of their input is quantized and added too, which
 * halves their error.
 */
const TWO_PART = /\.(proj_in|proj_out|conv_shortcut)$/;

/**
 * From this width on, a feed-forward is computed in pieces, so that the values between its two matrices, four times as
 * wide, fit into the processor's cache: 256 rows each at SD v1's native size with guidance.
 */
const WIDE = 320;

function cached<T>(values: Map<Value, T>, key: Value, make: () => T): T {
  const value = values.get(key) ?? make();
  values.set(key, value);
  return value;
}
