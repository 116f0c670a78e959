import { describeCheckpoint } from '../engine/checkpoint/describe.js';
import { scanPickles } from '../engine/checkpoint/torch/scan.js';
import { EaselError } from '../engine/errors.js';
import { inspectPicture } from './inspect-picture.js';
import { told } from './models.js';
import { isPictureFile } from './picture-files.js';
import { remedyFor } from './remedies.js';
import type { Report } from './report.js';

/** What a scanner of pickles would call dangerous, as picklescan's own exit code is not 0 then. */
const DANGEROUS = 3;

/**
 * `easel inspect`: how pictures were made, or what is in checkpoints.
 *
 * @returns the exit code: 3 if a file could run programs where it is loaded as Python does.
 */
export async function runInspect(paths: readonly string[], report: Report): Promise<number> {
  let code = 0;
  for (const [k, path] of paths.entries()) {
    if (k > 0) report.say('');
    code = Math.max(code, await inspect(path, report));
  }
  return code;
}

async function inspect(path: string, report: Report): Promise<number> {
  if (isPictureFile(path)) {
    await inspectPicture(path, report);
    return 0;
  }
  const { globals, dangerous } = await scanPickles(path);
  const isDangerous = dangerous.length > 0;
  try {
    const description = await describeCheckpoint(path, { hash: true });
    report.event({ event: 'checkpoint', path, ...description, globals, dangerous });
    const { codes, abilities, ...fields } = description;
    for (const [name, value] of Object.entries(fields)) {
      const shown = Array.isArray(value) ? listed(value) : String(value);
      report.say(`${name}: ${shown}`);
    }
    if (abilities) report.say(`use: ${told(abilities)}`);
    for (const code of codes) report.say(`what to do: ${remedyFor(code)}`);
  } catch (error) {
    // That it is an attack matters more than that it is nothing else.
    if (!isDangerous || !(error instanceof EaselError)) throw error;
    report.event({ event: 'error', path, message: error.message, globals, dangerous });
    report.notice(`easel: ${error.message}`);
  }
  for (const name of globals) {
    report.say(dangerous.includes(name) ? `names ${cut(name)}: ${WARNING}` : `names ${cut(name)}`);
  }
  return isDangerous ? DANGEROUS : 0;
}

const WARNING = 'this file could run a command in other programs; Easel runs nothing of it';

function cut(name: string): string {
  return name.slice(0, LONGEST);
}

/** Most characters of one value: names of tensors can have any length. */
const LONGEST = 300;

function listed(values: readonly unknown[]): string {
  if (values.length === 0) return 'none';
  const some = values.slice(0, 8).map((value) => String(value).slice(0, LONGEST));
  return values.length > 8 ? `${values.length}: ${some.join(', ')}, ...` : some.join(', ');
}
