import type { GraphBuilder, Value } from './builder.js';
import * as layers from './layers.js';
import type { Layout } from './layout.js';

/** Features as pictures [b, c, h, w], in floating point. */
export function pictures(g: GraphBuilder): Layout {
  return {
    enter: (x, name, inputs, outputs) => layers.conv(g, x, name, inputs, outputs),
    leave: (x, { name, channels, groups, eps }, conv, outputs) =>
      layers.conv(g, layers.silu(g, layers.groupNorm(g, x, name, channels, groups, eps)), conv, channels, outputs),
    asPicture: (x) => x,
    resnet: (x, block) => layers.resnet(g, x, block),
    downsample: (x, name, channels, pads) => layers.conv(g, x, name, channels, channels, { stride: 2, pads }),
    upsample: (x, name, channels) => layers.upsample(g, x, name, channels),
    join: (x, skip) => g.op('Concat', [x, skip], { axis: 1 }),
    normRows: (x, { name, channels, groups, eps }) =>
      layers.toRows(g, layers.groupNorm(g, x, name, channels, groups, eps), channels),
    linear: (rows, name, inputs, outputs, bias) => layers.linear(g, rows, name, inputs, outputs, bias),
    some: (rows, pick) => pick(rows),
    feedForward: (x, block, width, eps) => {
      const normal = layers.layerNorm(g, x, `${block}.norm3`, width, eps);
      return g.op('Add', [x, geglu(g, normal, `${block}.ff`, width)]);
    },
    addPicture: (x, picture) => g.op('Add', [x, picture]),
    addRows: (x, rows, channels) => g.op('Add', [x, layers.toPicture(g, rows, channels, x)]),
  };
}

/** x * gelu(gate). The projection's matrix is split into its two halves. */
function geglu(g: GraphBuilder, x: Value, name: string, width: number): Value {
  const inner = width * 4;
  const half = (from: number) => {
    const w = g.weight(`${name}.net.0.proj.weight`, [2 * inner, width], [from, from + inner]);
    return g.op('Gemm', [x, w, g.weight(`${name}.net.0.proj.bias`, [2 * inner], [from, from + inner])], { transB: 1 });
  };
  const gated = g.op('Mul', [half(0), g.op('Gelu', [half(inner)])]);
  return layers.linear(g, gated, `${name}.net.2`, inner, width);
}
