import { chooseDevice, reportDevices } from '../engine/runtime/device.js';
import { remedyFor } from './remedies.js';
import type { Report } from './report.js';

/** `easel devices`: which devices can run a model here, why the others cannot, and which one `--device auto` takes. */
export async function runDevices(report: Report): Promise<void> {
  const { taken } = await chooseDevice('auto');
  for (const { provider, available, reason, code } of await reportDevices()) {
    const remedy = code ? `. ${remedyFor(code)}` : '';
    const state = available ? 'works' : `not available: ${reason}${remedy}`;
    report.say(`${provider}: ${state}${provider === taken ? ' (--device auto takes this one)' : ''}`);
    report.event({ event: 'device', device: provider, available, reason, auto: provider === taken });
  }
}
