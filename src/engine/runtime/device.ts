import type { InferenceSession } from 'onnxruntime-node';
import { EaselError, type ErrorCode } from '../errors.js';
import { encodeModel } from '../graph/onnx.js';
import { onnxRuntime } from './native.js';

/** Where the networks run, by ONNX Runtime's names of its execution providers. */
export const DEVICES = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'dml', 'coreml'] as const;

export type Provider = (typeof DEVICES)[number];
export type Device = 'auto' | Provider;

export interface ProviderReport {
  provider: Provider;
  /** Null: not tried. */
  available: boolean | null;
  /** Why it is not available, or why `auto` passes it over; absent for the one that was taken. */
  reason?: string;
  /** Of a reason that can be remedied. */
  code?: ErrorCode;
}

export interface DeviceReport {
  requested: Device;
  taken: Provider;
  providers: ProviderReport[];
}

/**
 * What `auto` looks for, best first. Not TensorRT, which compiles for minutes per size; not CoreML, which leaves graphs of
 * varying size to the CPU; not WebGPU outside macOS, where it may turn out to be a renderer in software.
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
 * Finds out which providers work here, by making a session of one node on each.
 *
 * @throws EaselError if `requested` is named and does not work.
 */
export async function chooseDevice(requested: Device, probe = probeProvider): Promise<DeviceReport> {
  const { listSupportedBackends } = await onnxRuntime();
  const built = new Set(listSupportedBackends().map(({ name }) => name));
  // Only what may be taken is tried: loading a GPU's driver takes a second and memory.
  const wanted = requested === 'auto' ? AUTO : [requested];
  const providers: ProviderReport[] = [];
  let taken: Provider | undefined;
  for (const provider of [...wanted, ...DEVICES.filter((other) => !wanted.includes(other))]) {
    if (!built.has(provider)) providers.push(unavailable(provider, ABSENT[provider]));
    else if (taken || !wanted.includes(provider)) {
      providers.push({ provider, available: null, reason: taken ? `${taken} comes first` : 'not asked for' });
    } else {
      const failure = await probe(provider);
      providers.push(failure ? unavailable(provider, failure) : { provider, available: true });
      if (!failure) taken = provider;
    }
  }
  if (!taken) {
    const { reason, code = 'deviceUnavailable' } = providers[0]!;
    throw new EaselError(`The device ${requested} cannot be used: ${reason}.`, { code });
  }
  return { requested, taken, providers };
}

/** Every provider tried: what works on this machine, and why the others do not. */
export async function reportDevices(probe = probeProvider): Promise<ProviderReport[]> {
  const { listSupportedBackends } = await onnxRuntime();
  const built = new Set(listSupportedBackends().map(({ name }) => name));
  const reports: ProviderReport[] = [];
  for (const provider of DEVICES) {
    const reason = built.has(provider) ? await probe(provider) : ABSENT[provider];
    reports.push(reason ? unavailable(provider, reason) : { provider, available: true });
  }
  return reports;
}

function unavailable(provider: Provider, reason: string): ProviderReport {
  const missing = (provider === 'cuda' || provider === 'tensorrt') && reason === ABSENT[provider];
  return { provider, available: false, reason, ...(missing && { code: 'cudaMissing' }) };
}

/** Undefined if a session can be made on the provider, otherwise why not. */
async function probeProvider(provider: Provider): Promise<string | undefined> {
  const { InferenceSession, Tensor } = await onnxRuntime();
  let session: InferenceSession | undefined;
  try {
    session = await InferenceSession.create(PROBE, { executionProviders: [provider], logSeverityLevel: 4 });
    await session.run({ x: new Tensor('float32', Float32Array.of(1), [1]) });
    return undefined;
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
