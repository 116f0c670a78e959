import type { GraphBuilder, Value } from './builder.js';
import type { Rows } from './graph-weights.js';

/** How the matrices and convolutions of features in rows are computed. */
export interface Products {
  /** How features that are large are kept between two layers. */
  readonly kept: 'float32' | 'float16';
  /** Up to this many places, a layer's temporary values are small anyway. */
  readonly whole: number;
  /** @param part of the outputs. */
  linear(x: Value, name: string, inputs: number, outputs: number, bias?: boolean, part?: Rows): Value;
  /** The rows that `pick` keeps, which it must not change. Only for {@link linear}. */
  some(x: Value, pick: (rows: Value) => Value): Value;
  /** A 3x3 convolution. @param windows int32 [n, 9], of the rows of x and one more, which is 0. */
  convolved(x: Value, windows: Value, name: string, inputs: number, outputs: number): Value;
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
    whole: 16_384,
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
    convolved(x, windows, name, inputs, outputs) {
      const { q, scale, zero } = quantized(x);
      const w = g.int8(`${name}.weight`, [outputs, inputs, 3, 3]);
      const flat = gathered(g, q, zero, windows, inputs);
      return times({ q: flat, scale, zero }, w, g.weight(`${name}.bias`, [outputs]));
    },
  };
}

/** Nothing is rounded. */
export function floatProducts(g: GraphBuilder): Products {
  return {
    kept: 'float32',
    whole: 4096,
    linear(x, name, inputs, outputs, bias = true, part) {
      const w = g.weight(`${name}.weight`, [outputs, inputs], part);
      return g.op('Gemm', bias ? [x, w, g.weight(`${name}.bias`, [outputs], part)] : [x, w], { transB: 1 });
    },
    some: (x, pick) => pick(x),
    convolved(x, windows, name, inputs, outputs) {
      const flat = gathered(g, x, g.floats([0], []), windows, inputs);
      const w = g.matrix(`${name}.weight`, [outputs, inputs, 3, 3]);
      return g.op('Gemm', [flat, w, g.weight(`${name}.bias`, [outputs])]);
    },
  };
}

/** The nine rows at each place, side by side: [n, 9 * width]. */
function gathered(g: GraphBuilder, x: Value, outside: Value, windows: Value, width: number): Value {
  const source = g.op('Concat', [x, g.op('Expand', [outside, g.ints(1, width)])], { axis: 0 });
  return g.op('Reshape', [g.op('Gather', [source, windows], { axis: 0 }), g.ints(-1, 9 * width)]);
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
