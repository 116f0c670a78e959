import { userCacheFolder } from '../cache-folder.js';
import { buildDecoder, buildEncoder } from '../graph/autoencoder.js';
import { CPU_FORMS, type DeviceForms, type GraphForm, type Quantize } from '../graph/form.js';
import { buildSafetyChecker } from '../graph/safety-checker.js';
import { buildTextEncoder } from '../graph/text-encoder.js';
import { buildTinyDecoder, buildTinyEncoder } from '../graph/tiny-autoencoder.js';
import { buildContext, buildUNet } from '../graph/unet.js';
import { cachedInt8, int8Folder } from '../int8/cache.js';
import { largestWeight } from '../int8/processor.js';
import type { OnNotice } from '../meaning.js';
import type { Model } from '../model.js';
import type { Networks } from '../networks.js';
import { allFinite, isDarkerThanBlack } from '../numbers.js';
import { HalfSession } from './half-session.js';
import { Memory } from './memory.js';
import { HERE, type Host } from './native-session.js';
import { decoderNeed, encoderNeed, type NeedFor, unetNeed } from './needs.js';
import { type Precision, takesInt8 } from './precision.js';
import type { Provider } from './provider.js';
import { roomOf } from './room.js';
import { type DeviceOptions, type Runtime, sessionIn } from './runtime.js';
import type { GraphSource } from './session.js';
import { type EdgeSessions, SessionNetworks, type Sessions } from './session-networks.js';
import { ThriftySession, type Way } from './thrifty-session.js';
import type { Tiling } from './tiling.js';
import { TUNING, type Tuning } from './tuning.js';

export type { Precision } from './precision.js';
export type { Device } from './provider.js';

export interface RuntimeOptions extends DeviceOptions {
  /** `autocast` by default. */
  precision?: Precision | undefined;
  /** On processors; `auto` by default. */
  vaeTiling?: Tiling | undefined;
  /** Bytes that this process can still take; by default what the system says, and the containers around it. */
  freeMemory?: (() => number) | undefined;
}

/**
 * The networks of a model on a device that has been chosen (choosing needs a session, so it is asynchronous). Nothing
 * is loaded before it is first used.
 *
 * @param forms what the device's trial found; the CPU needs none.
 */
export function networksOn(
  provider: Provider,
  model: Model,
  {
    threads,
    precision = 'autocast',
    cache,
    vaeTiling,
    freeMemory,
    memory,
    forms = CPU_FORMS,
    host = HERE,
  }: NetworksOptions = {},
): Networks {
  const quantize = quantizerFor(provider, model, { threads, precision, cache });
  const half = precision === 'full' ? undefined : forms.float16;
  const notices: Parameters<OnNotice>[] = [];
  const made = sessions(model, { provider, threads, forms, host }, half, quantize, notices, {
    memory: memory ?? new Memory(freeMemory),
    tiling: vaeTiling ?? 'auto',
  });
  return new SessionNetworks(made, notices, quantize !== undefined, roomOf(model, made));
}

/** What makes int8 weights, if that is how the model's networks compute. @throws EaselError if they cannot. */
export function quantizerFor(
  provider: Provider,
  model: Model,
  { threads, precision = 'autocast', cache }: Pick<RuntimeOptions, 'threads' | 'precision' | 'cache'>,
): Quantize | undefined {
  if (!takesInt8(provider, model, precision)) return undefined;
  return cachedInt8({
    folder: int8Folder(cache),
    hashes: cache ?? userCacheFolder(),
    largest: largestWeight(),
    ...(threads !== undefined && { threads }),
  });
}

export interface NetworksOptions extends Omit<RuntimeOptions, 'device' | 'worker'> {
  forms?: DeviceForms;
  /** Where sessions are created and run; this thread by default. */
  host?: Host;
  /** Shared with the other networks of the model. */
  memory?: Memory;
}

interface Thrift {
  memory: Memory;
  tiling: Tiling;
}

function sessions(
  model: Model,
  runtime: Omit<Runtime, 'close'>,
  half: GraphForm | undefined,
  int8: Quantize | undefined,
  notices: Parameters<OnNotice>[],
  { memory, tiling }: Thrift,
): Sessions {
  const { provider } = runtime;
  const full = runtime.forms.float32;
  const session = (what: string, source: GraphSource, tuning: Tuning, on = provider) =>
    sessionIn({ ...runtime, provider: on }, `${model.path}: the ${what}`, source, tuning);
  const { safetyChecker: safety } = model;
  const shared = safety
    ? {
        safety: session('safety checker', () => buildSafetyChecker(safety.config, safety.weights, full), TUNING.safety),
      }
    : {};
  if (model.kind === 'onnx') {
    const { text, unet, decoder, encoder } = model.files;
    // These graphs are as they were exported, in float16 perhaps, which ONNX Runtime computes in float32 on the processor.
    const orOnCpu = (what: string, file: string, tuning: Tuning, fits = allFinite) => {
      const first = session(what, file, tuning);
      if (provider === 'cpu') return first;
      const onFailure = () => notices.push(failedOn(provider, what));
      return new HalfSession(first, session(what, file, tuning, 'cpu'), fits, onFailure);
    };
    return {
      ...shared,
      text: session('text encoder', text, TUNING.text),
      unet: orOnCpu('UNet', unet, TUNING.unet),
      decoder: orOnCpu('decoder', decoder, TUNING.autoencoder, isPicture),
      ...(encoder && { encoder: session('encoder', encoder, TUNING.autoencoder) }),
    };
  }
  const { weights, text, unet, autoencoder } = model;
  // On other devices subsampling has not been tried, and keys and values would cross the bus in every step.
  const onCpu = provider === 'cpu' && ({ subsamples: true, contextApart: true } as const);
  const inHalf = (what: string, build: (form: GraphForm) => GraphSource, tuning: Tuning, fits = allFinite) => {
    const inFull = session(what, build(full), tuning);
    if (!half) return inFull;
    return new HalfSession(session(what, build(half), tuning), inFull, fits, () => notices.push(overflowed(what)));
  };
  const { decoder, encoder } = autoencoder.tiny ? TINY : WHOLE;
  // A tiny autoencoder has nothing to gain.
  const quantized = int8 && !autoencoder.tiny ? { ...full, int8 } : undefined;
  const hasEncoder = ENCODER_WEIGHTS.some((name) => weights.autoencoder.has(name));
  const thrifty = (...ways: Way[]) => new ThriftySession(ways, memory);
  const ofAutoencoder = (
    what: string,
    build: (form: GraphForm) => ReturnType<typeof buildDecoder>,
    need: (way: 'whole' | 'bands' | 'int8') => NeedFor,
    fits = allFinite,
  ) => {
    const way = (name: 'whole' | 'bands' | 'int8', form: GraphForm, tuning: Tuning): Way => ({
      session: session(what, () => build(form), tuning),
      need: need(name),
    });
    const ways = {
      whole: way('whole', full, TUNING.autoencoder),
      bands: way('bands', { ...full, bands: true }, TUNING.bands),
    };
    const inFull = () =>
      thrifty(...(tiling === 'on' ? [ways.bands] : tiling === 'off' ? [ways.whole] : [ways.whole, ways.bands]));
    if (!quantized) return inFull();
    const inInt8 = thrifty(way('int8', quantized, TUNING.autoencoder));
    return new HalfSession(inInt8, inFull(), fits, () => notices.push(overflowed(what)));
  };
  const noise = (more: Pick<GraphForm, 'controlled' | 'tile'>) => {
    const build = (form: GraphForm) => () => buildUNet(unet, weights.unet, { ...form, ...more });
    const way = (name: 'packed' | 'mapped' | 'int8', tuning: Tuning): Way => ({
      session: session('UNet', build({ ...full, ...onCpu, ...(name === 'int8' && { int8 }) }), tuning),
      need: unetNeed(unet, weights.unet, name),
      keepsMemory: tuning.keepsMemory,
    });
    if (provider !== 'cpu') return inHalf('UNet', build, TUNING.unet);
    return int8 ? thrifty(way('int8', TUNING.int8)) : thrifty(way('packed', TUNING.unet), way('mapped', TUNING.mapped));
  };
  const plain = provider !== 'cpu' || autoencoder.tiny;
  const edges = (more: Pick<GraphForm, 'tile'>): EdgeSessions => {
    const decode = (form: GraphForm) => decoder(autoencoder, weights.autoencoder, { ...form, ...more });
    const encode = (form: GraphForm) => encoder(autoencoder, weights.autoencoder, { ...form, ...more });
    return {
      unet: noise(more),
      decoder: plain
        ? inHalf('decoder', (form) => () => decode(form), TUNING.autoencoder, isPicture)
        : ofAutoencoder('decoder', decode, (way) => decoderNeed(autoencoder, weights.autoencoder, way), isPicture),
      ...(hasEncoder && {
        encoder: plain
          ? session('encoder', () => encode(full), TUNING.autoencoder)
          : ofAutoencoder('encoder', encode, (way) => encoderNeed(autoencoder, weights.autoencoder, way)),
      }),
    };
  };
  return {
    ...shared,
    ...edges({}),
    text: session('text encoder', () => buildTextEncoder(text, weights.text, full), TUNING.text),
    controlled: noise({ controlled: true }),
    tiled: (tile) => edges({ tile }),
    ...(onCpu && {
      context: int8
        ? session('UNet', () => buildContext(unet, weights.unet, { ...full, int8 }), TUNING.int8Context)
        : session('UNet', () => buildContext(unet, weights.unet, full), TUNING.context),
    }),
  };
}

function isPicture(decoded: Float32Array): boolean {
  return allFinite(decoded) && !isDarkerThanBlack(decoded);
}

function overflowed(what: string): Parameters<OnNotice> {
  const text = `The ${what}'s numbers do not fit into 16 bits: it was run again in 32, and will be from now on.`;
  return [text, { code: 'overflowed', values: {} }];
}

function failedOn(provider: Provider, what: string): Parameters<OnNotice> {
  const text = `The ${what} computed nothing usable on ${provider}: it was run again on the processor, and will be from now on.`;
  return [text, { code: 'overflowed', values: {} }];
}

const WHOLE = { decoder: buildDecoder, encoder: buildEncoder };
const TINY = { decoder: buildTinyDecoder, encoder: buildTinyEncoder };

/** Absent from checkpoints pruned to what txt2img needs. */
const ENCODER_WEIGHTS = ['encoder.conv_in.weight', 'encoder.layers.0.weight'];
