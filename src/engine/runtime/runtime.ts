import { CPU_FORMS, type DeviceForms } from '../graph/form.js';
import type { Fields, Rule } from '../schema.js';
import * as is from '../schema.js';
import { chooseDevice } from './device.js';
import { HERE, type Host } from './native-session.js';
import { DEVICE_NAMES, type Device, isDevice, type Provider } from './provider.js';
import { type GraphSource, NetworkSession } from './session.js';
import { hasThread, lendThread } from './thread.js';
import { sessionOptions, type Tuning } from './tuning.js';

export interface DeviceOptions {
  /** Where to run; `auto` (the default) takes the fastest provider that works. */
  device?: Device | undefined;
  /** CPU threads; as many as there are cores by default. */
  threads?: number | undefined;
  /** Folder for quantized weights and for what devices' trials found; the user's cache folder by default. */
  cache?: string | undefined;
  /**
   * Whether networks compute in a worker thread, so that the thread that calls is never held up; true by default. Results are
   * the same. Whatever is open on one device shares the thread, and it ends when the last is closed.
   */
  worker?: boolean | undefined;
}

/** More than any machine has cores. */
const MAX_THREADS = 1024;

const device: Rule<Device> = is.must(
  `be one of ${DEVICE_NAMES}`,
  (value) => typeof value === 'string' && isDevice(value),
);

export const COMPUTING: Fields<DeviceOptions> = {
  device,
  threads: is.whole(1, MAX_THREADS),
  cache: is.path,
  worker: is.flag,
};

/** Where networks compute: on a device, in a thread. */
export interface Runtime {
  readonly provider: Provider;
  /** How graphs must be written for the device. */
  readonly forms: DeviceForms;
  /** Of the processor; as many as there are cores if undefined. */
  readonly threads?: number | undefined;
  readonly host: Host;
  /** Called once, when all sessions have been released. */
  close(): Promise<void>;
}

/**
 * @param headSize see {@link chooseDevice}.
 * @throws EaselError if a device is named that cannot be used.
 */
export async function openRuntime(
  { device = 'auto', threads, cache, worker = true }: DeviceOptions,
  headSize?: number,
): Promise<Runtime> {
  const { taken, trial } = await chooseDevice(device, { headSize, cache });
  const thread = worker && hasThread() ? lendThread(taken) : undefined;
  return {
    provider: taken,
    forms: trial?.forms ?? CPU_FORMS,
    threads,
    host: thread?.host ?? HERE,
    close: async () => thread?.giveBack(),
  };
}

/** Where sessions are created. */
export type Place = Pick<Runtime, 'provider' | 'threads' | 'host'>;

/** A network's session, as {@link NetworkSession} has it. */
export function sessionIn(
  { provider, threads, host }: Place,
  label: string,
  source: GraphSource,
  tuning: Tuning,
): NetworkSession {
  const refused = provider === 'cpu' ? undefined : 'deviceRefused';
  return new NetworkSession(label, source, sessionOptions(provider, threads, tuning), refused, host);
}
