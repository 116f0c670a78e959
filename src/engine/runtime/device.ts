import { EaselError, type ErrorCode } from '../errors.js';
import type { Adapter } from './adapter.js';
import { onnxRuntime } from './native.js';
import { DEVICES, type Device, nameOf, type Provider, type ProviderName } from './provider.js';
import { isInstalled } from './provider-library.js';
import type { Trial } from './trial.js';
import { trialOf } from './trial-cache.js';
import type { Tried } from './try-apart.js';

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

/** How devices are tried; by default in a separate process, or from its kept result. */
export type TryDevice = (provider: Provider, headSize: number, kept: { folder?: string }) => Promise<Tried>;

/** The head size in most of SD 1.x's attention. */
const HEAD_SIZE = 40;

/**
 * The order in which `auto` tries providers. Without TensorRT, which compiles for minutes per size; without CoreML,
 * which leaves graphs of variable size to the CPU; WebGPU only on macOS, because elsewhere it may be a software
 * renderer.
 */
const AUTO: readonly Provider[] = process.platform === 'darwin' ? ['webgpu', 'cpu'] : ['cuda', 'dml', 'cpu'];

const ABSENT: Record<ProviderName, string> = {
  cpu: 'not in this build of ONNX Runtime',
  cuda: 'its library is not installed',
  tensorrt: 'its library is not installed, and TensorRT itself is needed too',
  webgpu: 'not in this build of ONNX Runtime (Linux x64, Windows and macOS have it)',
  dml: 'DirectML exists on Windows only',
  coreml: 'CoreML exists on macOS only',
};

/**
 * Finds out which providers work here, by running a trial on each.
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
    tryDevice = trialOf,
  }: { headSize?: number; cache?: string; order?: readonly Provider[]; tryDevice?: TryDevice } = {},
): Promise<DeviceReport> {
  const built = await builtProviders();
  // Only candidates are tried: loading a GPU's driver takes a second, and memory.
  const wanted = requested === 'auto' ? order : [requested];
  const providers: ProviderReport[] = [];
  let taken: ProviderReport | undefined;
  for (const provider of [...wanted, ...DEVICES.filter((other) => !wanted.includes(other))]) {
    if (built.has(nameOf(provider)) && (taken || !wanted.includes(provider))) {
      const reason = taken ? `${taken.provider} comes first` : 'not asked for';
      providers.push({ provider, available: null, reason });
      continue;
    }
    const how = { headSize, cache, tryDevice, hardwareOnly: requested === 'auto' };
    const report = await tryProvider(provider, built, how);
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
export async function reportDevices({
  cache,
  tryDevice = trialOf,
}: {
  cache?: string;
  tryDevice?: TryDevice;
} = {}): Promise<ProviderReport[]> {
  const built = await builtProviders();
  const how = { headSize: HEAD_SIZE, cache, tryDevice, hardwareOnly: false };
  const reports: ProviderReport[] = [];
  for (const provider of DEVICES) reports.push(await tryProvider(provider, built, how));
  return reports;
}

async function builtProviders(): Promise<ReadonlySet<string>> {
  const { listSupportedBackends } = await onnxRuntime();
  return new Set(listSupportedBackends().map(({ name }) => name));
}

interface Trying {
  headSize: number;
  cache: string | undefined;
  tryDevice: TryDevice;
  /** Whether software drivers are skipped. */
  hardwareOnly: boolean;
}

async function tryProvider(
  provider: Provider,
  built: ReadonlySet<string>,
  { headSize, cache, tryDevice, hardwareOnly }: Trying,
): Promise<ProviderReport> {
  const unavailable = (reason: string, code?: ErrorCode) => ({
    provider,
    available: false,
    reason,
    ...(code && { code }),
  });
  const name = nameOf(provider);
  if (!built.has(name)) return unavailable(ABSENT[name]);
  if (provider === 'cpu') return { provider, available: true };
  if (!isInstalled(provider)) return unavailable(ABSENT[name], 'cudaMissing');
  const tried = await tryDevice(provider, headSize, { folder: cache });
  if ('reason' in tried) return unavailable(tried.reason, tried.code);
  const { adapter, trial } = tried;
  const more = { ...(adapter && { adapter }), trial };
  if (!trial.forms) return { ...unavailable(trial.refusal ?? 'it failed its trial'), ...more };
  if (hardwareOnly && adapter?.software) {
    return { ...unavailable(`${adapter.name} is in software, and the processor is faster without it`), ...more };
  }
  return { provider, available: true, ...more };
}
