import type { InferenceSession } from 'onnxruntime-node';
import { buildDecoder, buildEncoder } from '../graph/autoencoder.js';
import type { FloatType } from '../graph/builder.js';
import { buildSafetyChecker } from '../graph/safety-checker.js';
import { buildTextEncoder } from '../graph/text-encoder.js';
import { buildUNet } from '../graph/unet.js';
import type { Model } from '../model.js';
import type { Networks } from '../networks.js';
import { chooseDevice, type Device, type Provider } from './device.js';
import { type GraphSource, NetworkSession } from './session.js';
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
  const float = taken === 'cpu' || precision === 'full' ? 'float32' : 'float16';
  return new SessionNetworks(model.path, sessions(model, taken, threads, float));
}

function sessions(model: Model, provider: Provider, threads: number | undefined, float: FloatType): Sessions {
  const session = (what: string, source: GraphSource, packed = true) =>
    new NetworkSession(`${model.path}: the ${what}`, source, sessionOptions(provider, threads, packed));
  const { safetyChecker: safety } = model;
  const shared = safety
    ? { safety: session('safety checker', () => buildSafetyChecker(safety.config, safety.weights), false) }
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
    text: session('text encoder', () => buildTextEncoder(text, weights.text), false),
    unet: session('UNet', () => buildUNet(unet, weights.unet, float)),
    decoder: session('decoder', () => buildDecoder(autoencoder, weights.autoencoder)),
    ...(hasEncoder && { encoder: session('encoder', () => buildEncoder(autoencoder, weights.autoencoder)) }),
  };
}

/** A checkpoint pruned for painting lacks the encoder. */
const ENCODER_WEIGHT = 'encoder.conv_in.weight';

/**
 * Measured at SD v1's size (docs/performance.md): without its arena ONNX Runtime plans one block for a run and gives it
 * back afterwards, which is as fast and holds half the memory; without spinning, threads leave the processor to others.
 *
 * @param packed whether weights are rearranged for the processor when the session is made: a copy in memory, and a tenth
 *   to a quarter faster. Worth it for what runs more than once a picture; else they stay mapped from the checkpoint.
 */
function sessionOptions(
  provider: Provider,
  threads: number | undefined,
  packed: boolean,
): InferenceSession.SessionOptions {
  const common = { ...(threads && { intraOpNumThreads: threads }), logSeverityLevel: 3 as const };
  if (provider !== 'cpu') return { ...common, executionProviders: [provider, 'cpu'] };
  return {
    ...common,
    executionProviders: ['cpu'],
    enableCpuMemArena: false,
    enableMemPattern: true,
    extra: { session: { intra_op: { allow_spinning: '0' }, ...(!packed && { disable_prepacking: '1' }) } },
  };
}
