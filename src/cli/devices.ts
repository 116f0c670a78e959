import { cacheFolder } from '../config.js';
import { chooseDevice, type ProviderReport, reportDevices } from '../engine/runtime/device.js';
import type { Provider } from '../engine/runtime/provider.js';
import type { Tried } from '../engine/runtime/try-apart.js';
import { remedyFor } from './remedies.js';
import type { Report } from './report.js';

/**
 * `easel devices`: which devices can run a model here, their hardware and precision, why the others cannot, and which
 * one `--device auto` takes.
 */
export async function runDevices(report: Report): Promise<void> {
  const cache = cacheFolder();
  const devices = await reportDevices({ cache });
  const known = async (name: Provider) => triedOf(devices.find(({ provider }) => provider === name)!);
  const { taken } = await chooseDevice('auto', { tryDevice: known });
  for (const device of devices) {
    const { provider, available, reason, code, adapter, trial } = device;
    const remedy = code ? `. ${remedyFor(code)}` : '';
    const what = adapter?.name ? ` (${adapter.name})` : '';
    const state = available ? `works${detailsOf(device)}` : `not available${what}: ${reason}${remedy}`;
    report.say(`${provider}: ${state}${provider === taken ? ' (--device auto takes this one)' : ''}`);
    report.event({
      event: 'device',
      device: provider,
      available,
      reason,
      auto: provider === taken,
      adapter: adapter?.name,
      software: adapter?.software,
      float32: trial?.float32,
      float16: trial?.float16,
      forms: trial?.forms,
    });
  }
}

/** What was found out about a device, so that it is not tried twice. */
function triedOf({ trial, adapter, reason = '' }: ProviderReport): Tried {
  return trial ? { trial, ...(adapter && { adapter }) } : { reason };
}

/** ": SwiftShader, in software; float32 off by 2e-6; no float16; plain forms for attention, norms". */
function detailsOf({ adapter, trial }: ProviderReport): string {
  if (!adapter || !trial) return '';
  const { float32, float16 } = trial.forms!;
  const plain = (['attention', 'norms', 'waves'] as const).filter((part) => (float16 ?? float32)[part] === 'plain');
  const off = (error: number) => `off by ${error.toExponential(0)} of the range`;
  const what = adapter.name ?? 'the system does not say what it is';
  const parts = [
    adapter.software ? `${what}, in software` : what,
    `float32 ${off(trial.float32!)}`,
    trial.float16 === undefined ? 'no float16' : `float16 ${off(trial.float16)}`,
    ...(plain.length > 0 ? [`plain forms for ${plain.join(', ')}`] : []),
  ];
  return `: ${parts.join('; ')}`;
}
