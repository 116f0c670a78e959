import { BLOCKS, DENSE } from '../checkpoint/layout/upscaler.js';
import type { Weights } from '../checkpoint/tensor.js';
import type { CompactConfig, RrdbConfig, UpscalerConfig } from '../upscaler/architecture.js';
import { GraphBuilder, type Value } from './builder.js';
import type { BuiltGraph } from './built-graph.js';
import { FUSED, type GraphForm } from './form.js';
import { conv, enlarged } from './layers.js';

/**
 * An upscaler.
 *
 * Input: picture [1, 3, H, W] in 0..1, both sides multiples of `config.unshuffle`. Output: enlarged
 * [1, 3, H * scale, W * scale], about 0..1. Both float32.
 */
export async function buildUpscaler(
  config: UpscalerConfig,
  weights: Weights,
  form: GraphForm = FUSED,
): Promise<BuiltGraph> {
  const g = new GraphBuilder('upscaler', weights, form);
  const picture = g.input('picture', 'float32', ['batch', 3, 'height', 'width']);
  const large = config.kind === 'rrdb' ? rrdb(g, picture, config) : compact(g, picture, config);
  g.output('enlarged', large, ['batch', 3, `height * ${config.scale}`, `width * ${config.scale}`]);
  return g.finish();
}

/** RRDBNet (Wang et al. 2018; basicsr/archs/rrdbnet_arch.py). */
function rrdb(g: GraphBuilder, picture: Value, { inChannels, unshuffle, width, growth, blocks, stages }: RrdbConfig) {
  const first = conv(g, unshuffled(g, picture, unshuffle), 'conv_first', inChannels, width);
  let x = first;
  for (let b = 0; b < blocks; b++) {
    let y = x;
    for (let r = 1; r <= BLOCKS; r++) y = dense(g, y, `body.${b}.rdb${r}`, width, growth);
    x = g.op('Add', [x, damped(g, y)]);
  }
  x = g.op('Add', [first, conv(g, x, 'conv_body', width, width)]);
  for (let s = 1; s <= stages; s++) x = leaky(g, conv(g, enlarged(g, x, 2), `conv_up${s}`, width, width));
  x = leaky(g, conv(g, x, 'conv_hr', width, width));
  return conv(g, x, 'conv_last', width, 3);
}

/** Each convolution reads the block's input and what those before it found. */
function dense(g: GraphBuilder, x: Value, name: string, width: number, growth: number): Value {
  const found = [x];
  for (let k = 1; k < DENSE; k++) {
    const all = found.length > 1 ? g.op('Concat', [...found], { axis: 1 }) : x;
    found.push(leaky(g, conv(g, all, `${name}.conv${k}`, width + (k - 1) * growth, growth)));
  }
  const all = g.op('Concat', found, { axis: 1 });
  return g.op('Add', [x, damped(g, conv(g, all, `${name}.conv${DENSE}`, width + (DENSE - 1) * growth, width))]);
}

/** SRVGGNetCompact (Real-ESRGAN, realesrgan/archs/srvgg_arch.py). */
function compact(g: GraphBuilder, picture: Value, { width, layers, scale }: CompactConfig): Value {
  let x = picture;
  for (let k = 0; k <= layers; k++) {
    x = conv(g, x, `body.${2 * k}`, k === 0 ? 3 : width, width);
    x = g.op('PRelu', [x, g.weight(`body.${2 * k + 1}.weight`, [width, 1, 1])]);
  }
  x = conv(g, x, `body.${2 * (layers + 1)}`, width, 3 * scale ** 2);
  const shuffled = scale === 1 ? x : g.op('DepthToSpace', [x], { blocksize: scale, mode: 'CRD' });
  return g.op('Add', [shuffled, scale === 1 ? picture : enlarged(g, picture, scale)]);
}

/** Squares of `side` x `side` pixels to channels, in PyTorch's order: colour, row, column. */
function unshuffled(g: GraphBuilder, picture: Value, side: number): Value {
  if (side === 1) return picture;
  const places = side ** 2;
  // ONNX has the colour last.
  const order = Array.from({ length: 3 * places }, (_, k) => (k % places) * 3 + Math.floor(k / places));
  return g.op('Gather', [g.op('SpaceToDepth', [picture], { blocksize: side }), g.ints(...order)], { axis: 1 });
}

function leaky(g: GraphBuilder, x: Value): Value {
  return g.op('LeakyRelu', [x], { alpha: { float: 0.2 } });
}

/** Residuals count a fifth. */
function damped(g: GraphBuilder, x: Value): Value {
  return g.op('Mul', [x, g.scalar(0.2)]);
}
