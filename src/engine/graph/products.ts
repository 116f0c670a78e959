import type { GraphBuilder, Value } from './builder.js';
import type { Rows } from './graph-weights.js';
import type { Window } from './im2col.js';
import * as layers from './layers.js';

/** Where the rows of a convolution lie: in whole pictures, or in a band of one. */
export interface Field {
  readonly window: Window;
  /** [b, h, w, channels]: of the rows that are read. */
  shape(channels: number): Value;
  /** int32 [n, 9]: which rows each place of the result reads. The row after the last stands for everything outside. */
  windows(): Value;
  /** In a band, [h, 1]: whether each line is in the picture. */
  readonly within?: Value;
}

/** How the matrices and convolutions of features in rows are computed. */
export interface Products {
  /** How features that are large are kept between two layers. */
  readonly kept: 'float32' | 'float16';
  /** @param part of the outputs. */
  linear(x: Value, name: string, inputs: number, outputs: number, bias?: boolean, part?: Rows): Value;
  /** The rows that `pick` keeps, which it must not change. Only for {@link linear}. */
  some(x: Value, pick: (rows: Value) => Value): Value;
  /** A 3x3 convolution of rows that lie as `field` says. */
  convolved(x: Value, field: Field, name: string, inputs: number, outputs: number): Value;
}

/** The outputs of DynamicQuantizeLinear: uint8 values, their scale and zero point. */
interface Quantized {
  q: Value;
  scale: Value;
  zero: Value;
}

/** Weights are quantized ahead, per column; activations when the graph runs, per tensor. */
export function int8Products(g: GraphBuilder): Products {
  const known = new Map<Value, Quantized>();
  const rests = new Map<Value, Quantized>();

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

  return {
    // Rounding to 8 bits moves them a hundred times as far.
    kept: 'float16',
    linear(x, name, inputs, outputs, bias = true, part) {
      const w = g.int8(`${name}.weight`, [outputs, inputs], part);
      const y = times(quantized(x), w, bias ? g.weight(`${name}.bias`, [outputs], part) : '');
      return TWO_PART.test(name) ? g.op('Add', [y, times(rest(x), w, '')]) : y;
    },
    // They keep the scale of all.
    some(x, pick) {
      const { q, ...rest } = quantized(x);
      const picked = pick(q);
      known.set(picked, { q: picked, ...rest });
      return picked;
    },
    // The nine rows at each place, side by side.
    convolved(x, { windows }, name, inputs, outputs) {
      const { q, scale, zero } = quantized(x);
      const source = g.op('Concat', [q, g.op('Expand', [zero, g.ints(1, inputs)])], { axis: 0 });
      const flat = g.op('Reshape', [g.op('Gather', [source, windows()], { axis: 0 }), g.ints(-1, 9 * inputs)]);
      const w = g.int8(`${name}.weight`, [outputs, inputs, 3, 3]);
      return times({ q: flat, scale, zero }, w, g.weight(`${name}.bias`, [outputs]));
    },
  };
}

/** Nothing is rounded. */
export function floatProducts(g: GraphBuilder): Products {
  return {
    kept: 'float32',
    linear(x, name, inputs, outputs, bias = true, part) {
      const w = g.weight(`${name}.weight`, [outputs, inputs], part);
      return g.op('Gemm', bias ? [x, w, g.weight(`${name}.bias`, [outputs], part)] : [x, w], { transB: 1 });
    },
    some: (x, pick) => pick(x),
    convolved(x, { window: { stride, scale, pad }, shape, within }, name, inputs, outputs) {
      let picture = rowsAsPicture(g, x, shape(inputs));
      // The lines above and below a band come with it.
      if (within) picture = g.op('Where', [within, picture, g.floats([0])]);
      if (scale === 2) picture = layers.doubled(g, picture);
      if (scale === 2 && within) picture = g.op('Slice', [picture, g.ints(1), g.ints(-1), g.ints(2)]);
      const pads = within ? ([0, pad, 0, 1] as const) : ([pad, pad, 1, 1] as const);
      const y = layers.conv(g, picture, name, inputs, outputs, { stride, pads });
      return g.op('Reshape', [g.op('Transpose', [y], { perm: [0, 2, 3, 1] }), g.ints(-1, outputs)]);
    },
  };
}

/** @param shape [b, h, w, channels]. @returns [b, channels, h, w]. */
export function rowsAsPicture(g: GraphBuilder, x: Value, shape: Value): Value {
  return g.op('Transpose', [g.op('Reshape', [x, shape])], { perm: [0, 3, 1, 2] });
}

/**
 * Layers whose rounding harms the picture most. The rounding error of their input is quantized and added too, which
 * halves their error.
 */
const TWO_PART = /\.(proj_in|proj_out|conv_shortcut|time_emb_proj)$/;

function cached<T>(values: Map<Value, T>, key: Value, make: () => T): T {
  const value = values.get(key) ?? make();
  values.set(key, value);
  return value;
}
