import type { Weights } from '../checkpoint/tensor.js';
import type { AutoencoderConfig } from '../model.js';
import { attention } from './attention.js';
import { GraphBuilder, type Value } from './builder.js';
import type { BuiltGraph } from './built-graph.js';
import { FUSED, type GraphForm } from './form.js';
import { conv, type Resnet } from './layers.js';
import type { GroupNorm, Layout } from './layout.js';
import { layoutOf } from './layout-of.js';

/** Every norm of the autoencoder (ldm/modules/diffusionmodules/model.py). */
const NORM_EPS = 1e-6;

/**
 * Pictures to the posterior of their latents (diffusers' AutoencoderKL, encoder and quant_conv).
 *
 * Input: sample [b, 3, H, W] in -1..1. Outputs: mean and logvar [b, latentChannels, h, w], logvar clamped to -30..20;
 * all float32.
 *
 * @throws CheckpointError if a tensor is missing or has another shape.
 */
export async function buildEncoder(
  config: AutoencoderConfig,
  weights: Weights,
  form: GraphForm = FUSED,
): Promise<BuiltGraph> {
  const g = new GraphBuilder('vae_encoder', weights, form);
  const sample = g.input('sample', 'float32', ['batch', config.inChannels, 'height', 'width']);
  const moments = encoded(g, layoutOf(g), config, sample);

  const latent = config.latentChannels;
  const x = conv(g, moments, 'quant_conv', 2 * latent, 2 * latent, { size: 1 });
  const [mean, logvar] = g.ops('Split', [x], 2, { axis: 1, num_outputs: 2 }) as [Value, Value];
  const shape = ['batch', latent, 'latent_height', 'latent_width'];
  g.output('mean', mean, shape);
  g.output('logvar', g.op('Clip', [logvar, g.floats([-30], []), g.floats([20], [])]), shape);
  return g.finish();
}

/**
 * Latents to pictures (diffusers' AutoencoderKL, post_quant_conv and decoder).
 *
 * Input: latent_sample [b, latentChannels, h, w], divided by the scaling factor. Output: sample [b, 3, H, W], about
 * -1..1; both float32.
 *
 * @throws CheckpointError if a tensor is missing or has another shape.
 */
export async function buildDecoder(
  config: AutoencoderConfig,
  weights: Weights,
  form: GraphForm = FUSED,
): Promise<BuiltGraph> {
  const g = new GraphBuilder('vae_decoder', weights, form);
  const latent = config.latentChannels;
  const given = g.input('latent_sample', 'float32', ['batch', latent, 'latent_height', 'latent_width']);
  const latents = form.float === 'float32' ? given : g.cast(given, form.float);
  const clean = conv(g, latents, 'post_quant_conv', latent, latent, { size: 1 });
  const x = decoded(g, layoutOf(g), config, clean);
  g.output('sample', x, ['batch', config.outChannels, 'height', 'width']);
  return g.finish();
}

/** Means and log variances [b, 2 * latentChannels, h, w], before quant_conv. */
function encoded<F>(g: GraphBuilder, layout: Layout<F>, config: AutoencoderConfig, sample: Value): Value {
  const channels = config.blockOutChannels;
  const last = channels.length - 1;
  let width = channels[0]!;
  let x = layout.enter(sample, 'encoder.conv_in', config.inChannels, width, 2 ** last);
  channels.forEach((outputs, level) => {
    const name = `encoder.down_blocks.${level}`;
    for (let j = 0; j < config.layersPerBlock; j++) {
      x = layout.resnet(x, block(`${name}.resnets.${j}`, width, outputs, config));
      width = outputs;
    }
    // Padded on the right and at the bottom only, as in training.
    if (level < last) x = layout.downsample(x, `${name}.downsamplers.0.conv`, width, [0, 0, 1, 1]);
  });
  x = middle(g, layout, x, { name: 'encoder.mid_block', width, config, input: sample });
  return layout.leave(x, norm('encoder.conv_norm_out', width, config), 'encoder.conv_out', 2 * config.latentChannels);
}

/** @param latents after post_quant_conv. @returns pictures. */
function decoded<F>(g: GraphBuilder, layout: Layout<F>, config: AutoencoderConfig, latents: Value): Value {
  const channels = [...config.blockOutChannels].reverse();
  let width = channels[0]!;
  let x = layout.enter(latents, 'decoder.conv_in', config.latentChannels, width);
  x = middle(g, layout, x, { name: 'decoder.mid_block', width, config, input: latents });
  channels.forEach((outputs, i) => {
    const name = `decoder.up_blocks.${i}`;
    for (let j = 0; j <= config.layersPerBlock; j++) {
      x = layout.resnet(x, block(`${name}.resnets.${j}`, width, outputs, config));
      width = outputs;
    }
    if (i < channels.length - 1) x = layout.upsample(x, `${name}.upsamplers.0.conv`, width);
  });
  return layout.leave(x, norm('decoder.conv_norm_out', width, config), 'decoder.conv_out', config.outChannels);
}

function block(name: string, inputs: number, outputs: number, config: AutoencoderConfig): Resnet {
  return { name, inputs, outputs, groups: config.normGroups, eps: NORM_EPS };
}

function norm(name: string, channels: number, config: AutoencoderConfig): GroupNorm {
  return { name, channels, groups: config.normGroups, eps: NORM_EPS };
}

interface Middle {
  name: string;
  width: number;
  config: AutoencoderConfig;
  /** The network's input, for its batch size. */
  input: Value;
}

/** Two residual blocks with one-head attention between all positions. */
function middle<F>(g: GraphBuilder, layout: Layout<F>, x: F, part: Middle): F {
  const { name, width, config } = part;
  const first = layout.resnet(x, block(`${name}.resnets.0`, width, width, config));
  const attended = config.midAttention ? attend(g, layout, first, part) : first;
  return layout.resnet(attended, block(`${name}.resnets.1`, width, width, config));
}

function attend<F>(g: GraphBuilder, layout: Layout<F>, x: F, { name, width, config, input }: Middle): F {
  const within = `${name}.attentions.0`;
  const rows = layout.normRows(x, norm(`${within}.group_norm`, width, config));
  const [q, k, v] = ['to_q', 'to_k', 'to_v'].map((part) => layout.linear(rows, `${within}.${part}`, width, width));
  const batch = g.op('Shape', [input], { start: 0, end: 1 });
  const attended = attention(g, { q: q!, k: k!, v: v!, batch, width, heads: 1, long: true });
  return layout.addRows(x, layout.linear(attended, `${within}.to_out.0`, width, width), width);
}
