import type { InferenceSession } from 'onnxruntime-node';
import { EaselError, type ErrorCode } from '../errors.js';
import { encodeModel } from '../graph/onnx.js';
import { type Adapter, adapterOf } from './adapter.js';
import { onnxRuntime } from './native.js';
import { DEVICES, type Device, type Provider } from './provider.js';
import type { Trial } from './trial.js';
import { trialOf } from './trial-cache.js';

export interface ProviderReport {
  provider: Provider;
  /** Null: not tried. */
  available: boolean | null;
  /** Why it is not available, or why `auto` skips it; absent for the provider taken. */
  reason?: string;
  /** Set if there is a remedy for the reason. */
  code?: ErrorCode;
  /** Its hardware, and what a trial of it measured; absent for the CPU and for providers that were not tried. */
  adapter?: Adapter;
  trial?: Trial;
}

export interface DeviceReport {
  requested: Device;
  taken: Provider;
  /** The trial of the provider taken; absent for the CPU. */
  trial?: Trial;
  providers: ProviderReport[];
}

/** How devices are examined; by default by running on them. */
export interface Trials {
  /** Why no session can be created on a provider, or its hardware. */
  probe: (provider: Provider) => Promise<string | Adapter>;
  trial: (provider: Provider, adapter: Adapter, headSize: number, kept: { folder?: string }) => Promise<Trial>;
}

const TRIALS: Trials = { probe: probeProvider, trial: trialOf };

/** The head size in most of SD 1.x's attention. */
const HEAD_SIZE = 40;

/**
 * The order in which `auto` tries providers. Without TensorRT, which compiles for minutes per size; without CoreML,
 * which leaves graphs of variable size to the CPU; WebGPU only on macOS, because elsewhere it may be a software
 * renderer.
 */
const AUTO: readonly Provider[] = process.platform === 'darwin' ? ['webgpu', 'cpu'] : ['cuda', 'dml', 'cpu'];

const ABSENT: Record<Provider, string> = {
  cpu: 'not in this build of ONNX Runtime',
  cuda: 'its library is not installed',
  tensorrt: 'its library is not installed, and TensorRT itself is needed too',
  webgpu: 'not in this build of ONNX Runtime (Linux x64, Windows and macOS have it)',
  dml: 'DirectML exists on Windows only',
  coreml: 'CoreML exists on macOS only',
};

/**
 * Finds out which providers work here, by creating a session of one node on each and then running a trial.
 *
 * @param headSize width of an attention head in the model, which a trial depends on.
 * @param cache folder in which results of trials are kept; the user's cache folder by default.
 * @throws EaselError if `requested` is named and does not work, or computes wrong results.
 */
export async function chooseDevice(
  requested: Device,
  {
    headSize = HEAD_SIZE,
    cache,
    order = AUTO,
    trials = TRIALS,
  }: { headSize?: number; cache?: string; order?: readonly Provider[]; trials?: Trials } = {},
): Promise<DeviceReport> {
  const built = await builtProviders();
  // Only candidates are tried: loading a GPU's driver takes a second, and memory.
  const wanted = requested === 'auto' ? order : [requested];
  const providers: ProviderReport[] = [];
  let taken: ProviderReport | undefined;
  for (const provider of [...wanted, ...DEVICES.filter((other) => !wanted.includes(other))]) {
    if (built.has(provider) && (taken || !wanted.includes(provider))) {
      const reason = taken ? `${taken.provider} comes first` : 'not asked for';
      providers.push({ provider, available: null, reason });
      continue;
    }
    const report = await tryProvider(provider, built, { headSize, cache }, trials, requested === 'auto');
    providers.push(report);
    if (report.available) taken ??= report;
  }
  if (!taken) {
    const { reason, code = 'deviceUnavailable' } = providers[0]!;
    throw new EaselError(`The device ${requested} cannot be used: ${reason}.`, { code });
  }
  return { requested, taken: taken.provider, ...(taken.trial && { trial: taken.trial }), providers };
}

/** Tries every provider: which work on this machine, and why the others do not. */
export async function reportDevices(cache?: string): Promise<ProviderReport[]> {
  const built = await builtProviders();
  const reports: ProviderReport[] = [];
  for (const provider of DEVICES) {
    reports.push(await tryProvider(provider, built, { headSize: HEAD_SIZE, cache }, TRIALS, false));
  }
  return reports;
}

async function builtProviders(): Promise<ReadonlySet<string>> {
  const { listSupportedBackends } = await onnxRuntime();
  return new Set(listSupportedBackends().map(({ name }) => name));
}

async function tryProvider(
  provider: Provider,
  built: ReadonlySet<string>,
  { headSize, cache }: { headSize: number; cache?: string },
  { probe, trial }: Trials,
  hardwareOnly: boolean,
): Promise<ProviderReport> {
  if (!built.has(provider)) return unavailable(provider, ABSENT[provider]);
  const found = await probe(provider);
  if (typeof found === 'string') return unavailable(provider, found);
  if (provider === 'cpu') return { provider, available: true };
  if (hardwareOnly && found.software) {
    const reason = `${found.name} is in software, and the processor is faster without it`;
    return { ...unavailable(provider, reason), adapter: found };
  }
  const tried = await trial(provider, found, headSize, { folder: cache });
  const more = { adapter: found, trial: tried };
  return tried.forms
    ? { provider, available: true, ...more }
    : { ...unavailable(provider, tried.refusal ?? 'it failed its trial'), ...more };
}

function unavailable(provider: Provider, reason: string): ProviderReport {
  const missing = (provider === 'cuda' || provider === 'tensorrt') && reason === ABSENT[provider];
  return { provider, available: false, reason, ...(missing && { code: 'cudaMissing' }) };
}

/** The provider's hardware if a session can be created on it, otherwise why not. */
async function probeProvider(provider: Provider): Promise<string | Adapter> {
  const { InferenceSession, Tensor } = await onnxRuntime();
  let session: InferenceSession | undefined;
  try {
    session = await InferenceSession.create(PROBE, { executionProviders: [provider], logSeverityLevel: 4 });
    await session.run({ x: new Tensor('float32', Float32Array.of(1), [1]) });
    return adapterOf(provider);
  } catch (error) {
    const reason = (error as Error).message.split('\n', 1)[0]!.replace(/\.$/, '');
    if (/Failed to load (shared )?library/.test(reason)) return ABSENT[provider];
    // "/onnxruntime_src/...cc:136 Function(...) condition was false. What it means."
    return reason.replace(/^\/.* was false\. /, '');
  } finally {
    await session?.release();
  }
}

const PROBE = encodeModel({
  name: 'probe',
  opsets: new Map([['', 21]]),
  inputs: [{ name: 'x', type: 'float32', shape: [1] }],
  outputs: [{ name: 'y', type: 'float32', shape: [1] }],
  nodes: [{ op: 'Add', domain: '', inputs: ['x', 'x'], outputs: ['y'], attributes: {} }],
  initializers: [],
});
