import type { GraphBuilder, Value } from './builder.js';
import { wrapped } from './wrap.js';

/** Layers that the networks share. Pictures are [b, c, h, w]; tokens are rows of [b * tokens, width]. */

/** x W^T + bias for rows [n, inputs] -> [n, outputs]. */
export function linear(g: GraphBuilder, x: Value, name: string, inputs: number, outputs: number, bias = true): Value {
  const w = g.weight(`${name}.weight`, [outputs, inputs]);
  return g.op('Gemm', bias ? [x, w, g.weight(`${name}.bias`, [outputs])] : [x, w], { transB: 1 });
}

interface ConvOptions {
  readonly size?: number;
  readonly stride?: number;
  readonly pads?: readonly [number, number, number, number];
  readonly bias?: boolean;
}

/**
 * 2-D convolution. Where the form tiles, what lies beyond an edge is the opposite one, and otherwise zeros.
 *
 * @param pads top, left, bottom, right; by default those that keep the size at stride 1.
 */
export function conv(
  g: GraphBuilder,
  x: Value,
  name: string,
  inputs: number,
  outputs: number,
  { size = 3, stride = 1, pads, bias = true }: ConvOptions = {},
): Value {
  const half = (size - 1) / 2;
  const weights = [g.weight(`${name}.weight`, [outputs, inputs, size, size])];
  if (bias) weights.push(g.weight(`${name}.bias`, [outputs]));
  const around = pads ?? ([half, half, half, half] as const);
  const [picture, zeros] = g.form.tile ? wrapped(g, x, around, g.form.tile) : [x, around];
  return g.op('Conv', [picture, ...weights], {
    kernel_shape: [size, size],
    strides: [stride, stride],
    pads: zeros,
  });
}

/** x * sigmoid(x). */
export function silu(g: GraphBuilder, x: Value): Value {
  return g.fused('QuickGelu', [x], { alpha: { float: 1 } });
}

/**
 * Group normalization (Wu & He 2018) of [b, channels, h, w]. ONNX Runtime has no CPU kernel for it, so it is written as
 * an instance normalization over the groups, which is equivalent.
 */
export function groupNorm(
  g: GraphBuilder,
  x: Value,
  name: string,
  channels: number,
  groups: number,
  eps: number,
): Value {
  return inFloat32(g, x, (x) => {
    const grouped = g.op('Reshape', [x, g.ints(0, groups, -1)]);
    const unit = [g.floats(Array(groups).fill(1)), g.floats(Array(groups).fill(0))];
    const normal =
      g.form.norms === 'plain'
        ? normalized(g, grouped, 2, eps)
        : g.op('InstanceNormalization', [grouped, ...unit], { epsilon: { float: eps } });
    const back = g.op('Reshape', [normal, g.op('Shape', [x])]);
    const scaled = g.op('Mul', [back, g.weight(`${name}.weight`, [channels, 1, 1])]);
    return g.op('Add', [scaled, g.weight(`${name}.bias`, [channels, 1, 1])]);
  });
}

/**
 * Mean 0 and variance 1 along an axis. The variance is computed after the mean is subtracted, so that no precision is
 * lost.
 */
function normalized(g: GraphBuilder, x: Value, axis: number, eps: number): Value {
  const mean = (value: Value) => g.op('ReduceMean', [value, g.ints(axis)], { keepdims: 1 });
  const centred = g.op('Sub', [x, mean(x)]);
  const variance = mean(g.op('Mul', [centred, centred]));
  return g.op('Div', [centred, g.op('Sqrt', [g.op('Add', [variance, g.floats([eps], [])])])]);
}

/** Norms sum squares, which would overflow float16. */
function inFloat32(g: GraphBuilder, x: Value, part: (x: Value) => Value): Value {
  if (g.float === 'float32') return part(x);
  const wide = g.cast(x, 'float32');
  return g.cast(
    g.inFloat32(() => part(wide)),
    g.float,
  );
}

/** Layer normalization over the last axis. */
export function layerNorm(g: GraphBuilder, x: Value, name: string, width: number, eps: number): Value {
  return inFloat32(g, x, (x) => {
    const [scale, bias] = [g.weight(`${name}.weight`, [width]), g.weight(`${name}.bias`, [width])];
    if (g.form.norms === 'plain') return g.op('Add', [g.op('Mul', [normalized(g, x, -1, eps), scale]), bias]);
    return g.op('LayerNormalization', [x, scale, bias], { axis: -1, epsilon: { float: eps } });
  });
}

/** [b, c, h, w] -> rows [b * h * w, c]. */
export function toRows(g: GraphBuilder, x: Value, channels: number): Value {
  const flat = g.op('Reshape', [x, g.ints(0, channels, -1)]);
  return g.op('Reshape', [g.op('Transpose', [flat], { perm: [0, 2, 1] }), g.ints(-1, channels)]);
}

/** Rows [b * h * w, c] -> [b, c, h, w], with the batch and size of `like`. */
export function toPicture(g: GraphBuilder, rows: Value, channels: number, like: Value): Value {
  const sides = g.op('Shape', [like], { start: 2 });
  const batch = g.op('Shape', [like], { start: 0, end: 1 });
  const sequences = g.op('Reshape', [rows, g.op('Concat', [batch, g.ints(-1), g.ints(channels)], { axis: 0 })]);
  const turned = g.op('Transpose', [sequences], { perm: [0, 2, 1] });
  return g.op('Reshape', [turned, g.op('Concat', [batch, g.ints(channels), sides], { axis: 0 })]);
}

/** Nearest-neighbour doubling of height and width, then a 3x3 convolution. */
export function upsample(g: GraphBuilder, x: Value, name: string, channels: number): Value {
  return conv(g, doubled(g, x), name, channels, channels);
}

/** Nearest-neighbour doubling of height and width. */
export function doubled(g: GraphBuilder, x: Value): Value {
  return enlarged(g, x, 2);
}

/** Each pixel a square of `factor` x `factor`. */
export function enlarged(g: GraphBuilder, x: Value, factor: number): Value {
  return g.op('Resize', [x, '', g.floats([1, 1, factor, factor])], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
}

/** A residual block. `time` is [b, timeWidth] after its SiLU (in the UNet only). */
export interface Resnet {
  name: string;
  inputs: number;
  outputs: number;
  groups: number;
  eps: number;
  time?: { value: Value; width: number };
}

/** Residual block: norm, SiLU, convolution, the time embedding, norm, SiLU, convolution, and the skip connection. */
export function resnet(g: GraphBuilder, x: Value, { name, inputs, outputs, groups, eps, time }: Resnet): Value {
  let h = silu(g, groupNorm(g, x, `${name}.norm1`, inputs, groups, eps));
  h = conv(g, h, `${name}.conv1`, inputs, outputs);
  if (time) {
    const shift = linear(g, time.value, `${name}.time_emb_proj`, time.width, outputs);
    h = g.op('Add', [h, g.op('Reshape', [shift, g.ints(-1, outputs, 1, 1)])]);
  }
  h = silu(g, groupNorm(g, h, `${name}.norm2`, outputs, groups, eps));
  h = conv(g, h, `${name}.conv2`, outputs, outputs);
  const around = inputs === outputs ? x : conv(g, x, `${name}.conv_shortcut`, inputs, outputs, { size: 1 });
  return g.op('Add', [around, h]);
}
