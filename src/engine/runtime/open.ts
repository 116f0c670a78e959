import type { InferenceSession } from 'onnxruntime-node';
import { buildDecoder, buildEncoder } from '../graph/autoencoder.js';
import type { FloatType } from '../graph/builder.js';
import { buildSafetyChecker } from '../graph/safety-checker.js';
import { buildTextEncoder } from '../graph/text-encoder.js';
import { buildUNet } from '../graph/unet.js';
import type { Model } from '../model.js';
import type { Networks } from '../networks.js';
import { chooseDevice, type Device, type Provider } from './device.js';
import { NetworkSession } from './session.js';
import { SessionNetworks, type Sessions } from './session-networks.js';

export type { Device } from './device.js';

export interface RuntimeOptions {
  /** Where to run; `auto` (the default) takes the fastest provider that works. */
  device?: Device;
  /** CPU threads; as many as there are cores by default. */
  threads?: number;
  /** `autocast` (the default) computes the UNet in float16 on GPUs; `full` in float32 everywhere. CPUs always use float32. */
  precision?: 'full' | 'autocast';
}

/**
 * The networks of a model. Nothing is loaded before it is first used.
 *
 * @throws EaselError if the device cannot be used or ONNX Runtime's native part is missing.
 */
export async function openNetworks(model: Model, options: RuntimeOptions = {}): Promise<Networks> {
  const { device = 'auto', threads, precision = 'autocast' } = options;
  const { taken } = await chooseDevice(device);
  const settings = sessionOptions(taken, threads);
  const float = taken === 'cpu' || precision === 'full' ? 'float32' : 'float16';
  return new SessionNetworks(model.path, sessions(model, settings, float));
}

function sessions(model: Model, settings: InferenceSession.SessionOptions, float: FloatType): Sessions {
  const session = (what: string, source: ConstructorParameters<typeof NetworkSession>[1]) =>
    new NetworkSession(`${model.path}: the ${what}`, source, settings);
  const { safetyChecker: safety } = model;
  const shared = safety
    ? { safety: session('safety checker', () => buildSafetyChecker(safety.config, safety.weights)) }
    : {};
  if (model.kind === 'onnx') {
    const { text, unet, decoder, encoder } = model.files;
    return {
      ...shared,
      text: session('text encoder', text),
      unet: session('UNet', unet),
      decoder: session('decoder', decoder),
      ...(encoder && { encoder: session('encoder', encoder) }),
    };
  }
  const { weights, text, unet, autoencoder } = model;
  const hasEncoder = weights.autoencoder.has(ENCODER_WEIGHT);
  return {
    ...shared,
    text: session('text encoder', () => buildTextEncoder(text, weights.text)),
    unet: session('UNet', () => buildUNet(unet, weights.unet, float)),
    decoder: session('decoder', () => buildDecoder(autoencoder, weights.autoencoder)),
    ...(hasEncoder && { encoder: session('encoder', () => buildEncoder(autoencoder, weights.autoencoder)) }),
  };
}

/** A checkpoint pruned for painting lacks the encoder. */
const ENCODER_WEIGHT = 'encoder.conv_in.weight';

function sessionOptions(provider: Provider, threads: number | undefined): InferenceSession.SessionOptions {
  return {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    ...(threads && { intraOpNumThreads: threads }),
    logSeverityLevel: 3,
  };
}
