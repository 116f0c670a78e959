import type { Weights } from '../checkpoint/tensor.js';
import type { UNetConfig } from '../model.js';
import { attention } from './attention.js';
import { GraphBuilder, type Value } from './builder.js';
import type { BuiltGraph } from './built-graph.js';
import { FUSED, type GraphForm } from './form.js';
import { layerNorm, type Resnet } from './layers.js';
import type { Layout } from './layout.js';
import { layoutOf } from './layout-of.js';
import { timeEmbedding } from './time-embedding.js';

/** SpatialTransformer's group norm, unlike the residual blocks' (ldm/modules/attention.py). */
const TRANSFORMER_NORM_EPS = 1e-6;
const LAYER_NORM_EPS = 1e-5;

/**
 * The noise predictor (Rombach et al. 2022), in the structure and names of diffusers' UNet2DConditionModel.
 *
 * Inputs: sample [b, c, h, w], timestep [b], encoder_hidden_states [b, tokens, width] and, for models distilled with
 * guidance (LCM), guidance [b]; all float32. Output: out_sample [b, c, h, w], float32. If the form says so, also
 * kv_stride, int64 [1]: where features are largest, self-attention takes keys and values from every kv_stride-th place of
 * every kv_stride-th line (Smith et al. 2024, arXiv:2402.13573, with 2). 1 changes nothing. And, for ControlNets,
 * residual.0 to residual.n and residual.mid [b, c, h, w]: what is added to the features that the way up is joined with.
 *
 * @throws CheckpointError if a tensor is missing or has another shape.
 */
export async function buildUNet(config: UNetConfig, weights: Weights, form: GraphForm = FUSED): Promise<BuiltGraph> {
  const g = new GraphBuilder('unet', weights, form);
  const sample = g.input('sample', 'float32', ['batch', config.inChannels, 'height', 'width']);
  const timestep = g.input('timestep', 'float32', ['times']);
  const states = form.contextApart ? undefined : contextInput(g, config);
  const guidance = config.timeCondDim ? g.input('guidance', 'float32', ['times']) : undefined;
  const stride = form.subsamples && g.input('kv_stride', 'int64', [1]);
  const own = (value: Value) => (form.float === 'float32' ? value : g.cast(value, form.float));

  const timeWidth = config.blockOutChannels[0]! * 4;
  const time = { value: own(timeEmbedding(g, config, timestep, guidance)), width: timeWidth };
  const batch = g.op('Shape', [sample], { start: 0, end: 1 });

  // Rows have no side that is known before the graph runs, except their width.
  if (form.int8) g.hideShapes(batch);
  const layout = layoutOf(g);
  const context = states ? contextLayers(g, layout, config, own(states)) : contextInputs(g);
  const control = form.controlled && own;
  const eps = noise(g, layout, config, { sample: own(sample), context, batch, time, stride, control });
  g.output('out_sample', eps, ['batch', config.outChannels, 'height', 'width']);
  return g.finish();
}

/**
 * Keys and values of the prompt for every cross-attention of {@link buildUNet}, which do not change from step to step.
 *
 * Input: encoder_hidden_states [b, tokens, width]. Outputs: those inputs of a UNet whose form has `contextApart`; all
 * float32.
 */
export async function buildContext(config: UNetConfig, weights: Weights, form: GraphForm = FUSED): Promise<BuiltGraph> {
  const g = new GraphBuilder('unet_context', weights, form);
  const layers = contextLayers(g, layoutOf(g), config, contextInput(g, config));
  for (const { name, width } of crossAttentions(weights)) {
    const { k, v } = layers(name, width);
    g.output(`${name}.k`, k, ['tokens', width]);
    g.output(`${name}.v`, v, ['tokens', width]);
  }
  return g.finish();
}

type Context = (attn: string, width: number) => { k: Value; v: Value };

export interface Inputs {
  sample: Value;
  /** Keys and values of the prompt, for the cross-attention of that name. */
  context: Context;
  batch: Value;
  time: NonNullable<Resnet['time']>;
  /** Of keys and values where features are largest, int64 [1]; 1 if absent. */
  stride?: Value;
  /** Casts residuals, if the graph has inputs for them. */
  control?: (value: Value) => Value;
}

/** The network itself, in any layout. */
function noise<F>(g: GraphBuilder, layout: Layout<F>, config: UNetConfig, inputs: Inputs): Value {
  const { skips, middle } = contract(g, layout, config, inputs);
  return expand(g, layout, config, inputs, skips, middle);
}

/** Features, and how many channels they have. */
type Skip<F> = [features: F, channels: number];

/**
 * The way down, and the middle.
 *
 * @param hint added to the first features: a ControlNet's picture.
 * @returns what the way up is joined with, outermost first, and the innermost features.
 */
export function contract<F>(
  g: GraphBuilder,
  layout: Layout<F>,
  config: UNetConfig,
  inputs: Inputs,
  hint?: Value,
): { skips: Skip<F>[]; middle: F } {
  const { block, transform } = parts(g, layout, config, inputs);
  const channels = config.blockOutChannels;
  const last = channels.length - 1;
  let x = layout.enter(inputs.sample, 'conv_in', config.inChannels, channels[0]!);
  if (hint) x = layout.addPicture(x, hint, channels[0]!);
  const skips: Skip<F>[] = [[x, channels[0]!]];
  channels.forEach((width, level) => {
    const name = `down_blocks.${level}`;
    for (let j = 0; j < config.layersPerBlock; j++) {
      x = block(x, `${name}.resnets.${j}`, skips.at(-1)![1], width);
      if (config.attention[level]) x = transform(x, `${name}.attentions.${j}`, level);
      skips.push([x, width]);
    }
    if (level < last) {
      x = layout.downsample(x, `${name}.downsamplers.0.conv`, width, [1, 1, 1, 1]);
      skips.push([x, width]);
    }
  });

  const inner = channels[last]!;
  if (config.midBlock !== false) {
    x = block(x, 'mid_block.resnets.0', inner, inner);
    x = transform(x, 'mid_block.attentions.0', last);
    x = block(x, 'mid_block.resnets.1', inner, inner);
  }
  return { skips, middle: x };
}

/** The way up. */
function expand<F>(
  g: GraphBuilder,
  layout: Layout<F>,
  config: UNetConfig,
  inputs: Inputs,
  skips: readonly Skip<F>[],
  middle: F,
): Value {
  const { block, transform } = parts(g, layout, config, inputs);
  const channels = config.blockOutChannels;
  const last = channels.length - 1;
  const added = residuals(g, layout, inputs.control);
  let width = channels[last]!;
  let x = added(middle, 'mid', width);
  let left = skips.length;
  for (let i = 0; i <= last; i++) {
    const level = last - i;
    const name = `up_blocks.${i}`;
    for (let j = 0; j <= config.layersPerBlock; j++) {
      const [skip, skipWidth] = skips[--left]!;
      const joined = layout.join(x, added(skip, left, skipWidth));
      x = block(joined, `${name}.resnets.${j}`, width + skipWidth, channels[level]!);
      width = channels[level]!;
      if (config.attention[level]) x = transform(x, `${name}.attentions.${j}`, level);
    }
    if (level > 0) x = layout.upsample(x, `${name}.upsamplers.0.conv`, width);
  }
  const norm = { name: 'conv_norm_out', channels: width, groups: config.normGroups, eps: config.normEps };
  return layout.leave(x, norm, 'conv_out', config.outChannels);
}

/** Adds what ControlNets found, where the graph has inputs for it. */
function residuals<F>(g: GraphBuilder, layout: Layout<F>, control?: (value: Value) => Value) {
  return (x: F, place: number | 'mid', channels: number): F => {
    if (!control) return x;
    const input = g.input(residualName(place), 'float32', ['batch', channels, `height${place}`, `width${place}`]);
    return layout.addPicture(x, control(input), channels);
  };
}

/** The input for what is added to the n-th features of the way down, or to those of the middle. */
export function residualName(place: number | 'mid'): string {
  return `residual.${place}`;
}

/** The two kinds of blocks. */
function parts<F>(
  g: GraphBuilder,
  layout: Layout<F>,
  config: UNetConfig,
  { sample, context, batch, time, stride }: Inputs,
) {
  const channels = config.blockOutChannels;
  const last = channels.length - 1;
  const outermost = config.attention.indexOf(true);
  const thinned = (level: number) =>
    stride && level === outermost ? { stride, sides: sidesAt(g, sample, level) } : undefined;
  const block = (x: F, name: string, inputs: number, outputs: number) =>
    layout.resnet(x, { name, inputs, outputs, groups: config.normGroups, eps: config.normEps, time });
  const transform = (x: F, name: string, level: number) =>
    transformer(g, layout, x, name, {
      width: channels[level]!,
      heads: config.heads[level]!,
      // The height and width of latents are multiples of 2 ** last.
      multiple: 4 ** (last - level),
      config,
      context,
      batch,
      thin: thinned(level),
    });
  return { block, transform };
}

export function contextInput(g: GraphBuilder, { crossAttentionDim }: UNetConfig): Value {
  return g.input('encoder_hidden_states', 'float32', ['batch', 'tokens', crossAttentionDim]);
}

function contextInputs(g: GraphBuilder): Context {
  const rows = (name: string, width: number) => g.input(name, 'float32', ['tokens', width]);
  return (attn, width) => ({ k: rows(`${attn}.k`, width), v: rows(`${attn}.v`, width) });
}

/** @param states [b, tokens, width] */
export function contextLayers<F>(g: GraphBuilder, layout: Layout<F>, config: UNetConfig, states: Value): Context {
  const rows = g.op('Reshape', [states, g.ints(-1, config.crossAttentionDim)]);
  return (attn, width) => keysAndValues(layout, attn, rows, config.crossAttentionDim, width);
}

function keysAndValues<F>(layout: Layout<F>, attn: string, rows: Value, inputs: number, width: number) {
  const k = layout.linear(rows, `${attn}.to_k`, inputs, width, false);
  return { k, v: layout.linear(rows, `${attn}.to_v`, inputs, width, false) };
}

/** Every attention to the prompt, by its queries' weight: one whose other weights are missing is among them. */
function crossAttentions(weights: Weights): { name: string; width: number }[] {
  return [...weights].flatMap(([weight, { shape }]) => {
    const name = /^(.*\.attn2)\.to_q\.weight$/.exec(weight)?.[1];
    return name ? { name, width: shape[0]! } : [];
  });
}

interface Thin {
  /** int64 [1]. */
  stride: Value;
  /** Height and width, int64 [2]. */
  sides: Value;
}

function sidesAt(g: GraphBuilder, sample: Value, level: number): Value {
  const sides = g.op('Shape', [sample], { start: 2 });
  return level === 0 ? sides : g.op('Div', [sides, g.ints(2 ** level)]);
}

/** The rows of every stride-th place of every stride-th line. */
function subsampled(g: GraphBuilder, rows: Value, { stride, sides }: Thin, batch: Value, width: number): Value {
  const picture = g.op('Reshape', [rows, g.op('Concat', [batch, sides, g.ints(width)], { axis: 0 })]);
  const both = g.op('Concat', [stride, stride], { axis: 0 });
  return g.op('Reshape', [g.op('Slice', [picture, g.ints(0, 0), sides, g.ints(1, 2), both]), g.ints(-1, width)]);
}

/**
 * Attention between the positions of a picture and to the prompt (SpatialTransformer). The projections are 1x1
 * convolutions in SD 1.x and matrices in SD 2.x; on rows, they are the same.
 */
function transformer<F>(
  g: GraphBuilder,
  layout: Layout<F>,
  features: F,
  name: string,
  {
    width,
    heads,
    multiple,
    config,
    context,
    batch,
    thin,
  }: {
    width: number;
    heads: number;
    multiple: number;
    config: UNetConfig;
    context: Context;
    batch: Value;
    thin?: Thin;
  },
): F {
  const outer = { name: `${name}.norm`, channels: width, groups: config.normGroups, eps: TRANSFORMER_NORM_EPS };
  let x = layout.linear(layout.normRows(features, outer), `${name}.proj_in`, width, width);
  const attend = (attn: string, from: Value, { k, v }: { k: Value; v: Value }, long = false) => {
    const q = layout.linear(from, `${attn}.to_q`, width, width, false);
    return layout.linear(attention(g, { q, k, v, batch, width, heads, long }), `${attn}.to_out.0`, width, width);
  };
  for (let k = 0; k < config.transformerLayers; k++) {
    const block = `${name}.transformer_blocks.${k}`;
    const norm = (rows: Value, n: number) => layerNorm(g, rows, `${block}.norm${n}`, width, LAYER_NORM_EPS);
    const self = norm(x, 1);
    const seen = thin ? layout.some(self, (rows) => subsampled(g, rows, thin, batch, width)) : self;
    const own = keysAndValues(layout, `${block}.attn1`, seen, width, width);
    x = g.op('Add', [x, attend(`${block}.attn1`, self, own, true)]);
    x = g.op('Add', [x, attend(`${block}.attn2`, norm(x, 2), context(`${block}.attn2`, width))]);
    x = layout.feedForward(x, block, width, LAYER_NORM_EPS, multiple);
  }
  return layout.addRows(features, layout.linear(x, `${name}.proj_out`, width, width), width);
}
