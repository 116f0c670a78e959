import { cacheFolder } from '../config.js';
import { chooseDevice, type ProviderReport, reportDevices } from '../engine/runtime/device.js';
import { remedyFor } from './remedies.js';
import type { Report } from './report.js';

/**
 * `easel devices`: which devices can run a model here, their hardware and precision, why the others cannot, and which
 * one `--device auto` takes.
 */
export async function runDevices(report: Report): Promise<void> {
  const cache = cacheFolder();
  const { taken } = await chooseDevice('auto', { cache });
  for (const device of await reportDevices(cache)) {
    const { provider, available, reason, code, adapter, trial } = device;
    const remedy = code ? `. ${remedyFor(code)}` : '';
    const state = available ? `works${detailsOf(device)}` : `not available: ${reason}${remedy}`;
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
