import { DECODER_BLOCKS, ENCODER_BLOCKS } from '../checkpoint/layout/tiny-autoencoder.js';
import type { Weights } from '../checkpoint/tensor.js';
import type { AutoencoderConfig } from '../model.js';
import { GraphBuilder, type Value } from './builder.js';
import type { BuiltGraph } from './built-graph.js';
import { FUSED, type GraphForm } from './form.js';
import { conv, doubled } from './layers.js';

/**
 * Pictures to latents in the sampler's scale (TAESD; diffusers' AutoencoderTiny, whose names the tensors have).
 *
 * Input: sample [b, 3, H, W] in -1..1. Output: latent_sample [b, latentChannels, h, w], not a posterior. All float32.
 */
export async function buildTinyEncoder(
  config: AutoencoderConfig,
  weights: Weights,
  form: GraphForm = FUSED,
): Promise<BuiltGraph> {
  const g = new GraphBuilder('tiny_vae_encoder', weights, form);
  const width = config.blockOutChannels[0]!;
  const half = g.floats([0.5], []);
  const sample = g.input('sample', 'float32', ['batch', config.inChannels, 'height', 'width']);
  let x = g.op('Add', [g.op('Mul', [sample, half]), half]);
  let layer = 0;
  const next = () => `encoder.layers.${layer++}`;
  ENCODER_BLOCKS.forEach((blocks, level) => {
    x =
      level === 0
        ? conv(g, x, next(), config.inChannels, width)
        : conv(g, x, next(), width, width, { stride: 2, bias: false });
    for (let j = 0; j < blocks; j++) x = block(g, x, next(), width);
  });
  x = conv(g, x, next(), width, config.latentChannels);
  g.output('latent_sample', x, ['batch', config.latentChannels, 'latent_height', 'latent_width']);
  return g.finish();
}

/**
 * Latents in the sampler's scale to pictures.
 *
 * Input: latent_sample [b, latentChannels, h, w]. Output: sample [b, 3, H, W], about -1..1; both float32.
 */
export async function buildTinyDecoder(
  config: AutoencoderConfig,
  weights: Weights,
  form: GraphForm = FUSED,
): Promise<BuiltGraph> {
  const g = new GraphBuilder('tiny_vae_decoder', weights, form);
  const width = config.blockOutChannels[0]!;
  const given = g.input('latent_sample', 'float32', ['batch', config.latentChannels, 'latent_height', 'latent_width']);
  // A soft limit at 3: no sampler's latents should be beyond it.
  const three = g.floats([3], []);
  const limited = g.op('Mul', [g.op('Tanh', [g.op('Div', [given, three])]), three]);
  let x = form.float === 'float32' ? limited : g.cast(limited, form.float);
  x = g.op('Relu', [conv(g, x, 'decoder.layers.0', config.latentChannels, width)]);
  // The activation before is a layer of its own, and so is each doubling.
  let layer = 2;
  DECODER_BLOCKS.forEach((blocks, level) => {
    for (let j = 0; j < blocks; j++) x = block(g, x, `decoder.layers.${layer++}`, width);
    if (level === DECODER_BLOCKS.length - 1) return;
    layer++;
    x = conv(g, doubled(g, x), `decoder.layers.${layer++}`, width, width, { bias: false });
  });
  x = conv(g, x, `decoder.layers.${layer}`, width, config.outChannels);
  const picture = form.float === 'float32' ? x : g.cast(x, 'float32');
  const sample = g.inFloat32(() => g.op('Sub', [g.op('Mul', [picture, g.floats([2], [])]), g.floats([1], [])]));
  g.output('sample', sample, ['batch', config.outChannels, 'height', 'width']);
  return g.finish();
}

function block(g: GraphBuilder, x: Value, name: string, width: number): Value {
  let h = x;
  for (const part of ['conv.0', 'conv.2', 'conv.4']) {
    h = conv(g, part === 'conv.0' ? h : g.op('Relu', [h]), `${name}.${part}`, width, width);
  }
  return g.op('Relu', [g.op('Add', [h, x])]);
}
