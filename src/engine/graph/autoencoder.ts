import type { Weights } from '../checkpoint/tensor.js';
import type { AutoencoderConfig } from '../model.js';
import { attention } from './attention.js';
import { type BuiltGraph, GraphBuilder, type Value } from './builder.js';
import { FUSED, type GraphForm } from './form.js';
import { conv, groupNorm, linear, resnet, silu, toPicture, toRows, upsample } from './layers.js';

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
  const channels = config.blockOutChannels;
  const last = channels.length - 1;

  let width = channels[0]!;
  let x = conv(g, sample, 'encoder.conv_in', config.inChannels, width);
  channels.forEach((outputs, level) => {
    const name = `encoder.down_blocks.${level}`;
    for (let j = 0; j < config.layersPerBlock; j++) {
      x = block(g, x, `${name}.resnets.${j}`, width, outputs, config);
      width = outputs;
    }
    // Padded to the right and below only, as the model was trained.
    if (level < last) x = conv(g, x, `${name}.downsamplers.0.conv`, width, width, { stride: 2, pads: [0, 0, 1, 1] });
  });
  x = middle(g, x, 'encoder.mid_block', width, config);
  x = silu(g, groupNorm(g, x, 'encoder.conv_norm_out', width, config.normGroups, NORM_EPS));

  const latent = config.latentChannels;
  x = conv(g, x, 'encoder.conv_out', width, 2 * latent);
  x = conv(g, x, 'quant_conv', 2 * latent, 2 * latent, { size: 1 });
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
  const channels = [...config.blockOutChannels].reverse();

  let width = channels[0]!;
  let x = conv(g, latents, 'post_quant_conv', latent, latent, { size: 1 });
  x = conv(g, x, 'decoder.conv_in', latent, width);
  x = middle(g, x, 'decoder.mid_block', width, config);
  channels.forEach((outputs, i) => {
    const name = `decoder.up_blocks.${i}`;
    for (let j = 0; j <= config.layersPerBlock; j++) {
      x = block(g, x, `${name}.resnets.${j}`, width, outputs, config);
      width = outputs;
    }
    if (i < channels.length - 1) x = upsample(g, x, `${name}.upsamplers.0.conv`, width);
  });
  x = silu(g, groupNorm(g, x, 'decoder.conv_norm_out', width, config.normGroups, NORM_EPS));
  x = conv(g, x, 'decoder.conv_out', width, config.outChannels);
  g.output('sample', x, ['batch', config.outChannels, 'height', 'width']);
  return g.finish();
}

function block(g: GraphBuilder, x: Value, name: string, inputs: number, outputs: number, config: AutoencoderConfig) {
  return resnet(g, x, { name, inputs, outputs, groups: config.normGroups, eps: NORM_EPS });
}

/** Two residual blocks around an attention of one head between all places. */
function middle(g: GraphBuilder, x: Value, name: string, width: number, config: AutoencoderConfig): Value {
  const first = block(g, x, `${name}.resnets.0`, width, width, config);
  const seen = config.midAttention ? attend(g, first, `${name}.attentions.0`, width, config) : first;
  return block(g, seen, `${name}.resnets.1`, width, width, config);
}

function attend(g: GraphBuilder, x: Value, name: string, width: number, config: AutoencoderConfig): Value {
  const rows = toRows(g, groupNorm(g, x, `${name}.group_norm`, width, config.normGroups, NORM_EPS), width);
  const [q, k, v] = ['to_q', 'to_k', 'to_v'].map((part) => linear(g, rows, `${name}.${part}`, width, width));
  const batch = g.op('Shape', [x], { start: 0, end: 1 });
  const attended = attention(g, { q: q!, k: k!, v: v!, batch, width, heads: 1, long: true });
  return g.op('Add', [x, toPicture(g, linear(g, attended, `${name}.to_out.0`, width, width), width, x)]);
}
