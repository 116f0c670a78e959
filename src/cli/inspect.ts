import { extname } from 'node:path';
import { describeCheckpoint } from '../engine/checkpoint/describe.js';
import { inspectPicture } from './inspect-picture.js';
import { remedyFor } from './remedies.js';
import type { Report } from './report.js';

const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.jpe', '.jfif', '.webp', '.avif', '.gif', '.tif', '.tiff']);

/** `easel inspect`: how a picture was made, or what is in a checkpoint. */
export async function runInspect(path: string, report: Report): Promise<void> {
  if (PICTURES.has(extname(path).toLowerCase())) return inspectPicture(path, report);
  const description = await describeCheckpoint(path, { hash: true });
  report.event({ event: 'checkpoint', path, ...description });
  const { codes, ...fields } = description;
  for (const [name, value] of Object.entries(fields)) {
    const shown = Array.isArray(value) ? listed(value) : String(value);
    report.say(`${name}: ${shown}`);
  }
  for (const code of codes) report.say(`what to do: ${remedyFor(code)}`);
}

/** Most characters of one value: names of tensors can have any length. */
const LONGEST = 300;

function listed(values: readonly unknown[]): string {
  if (values.length === 0) return 'none';
  const some = values.slice(0, 8).map((value) => String(value).slice(0, LONGEST));
  return values.length > 8 ? `${values.length}: ${some.join(', ')}, ...` : some.join(', ');
}
