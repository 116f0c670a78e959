import { existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describeCheckpoint } from '../engine/checkpoint/describe.js';
import { isCheckpointName } from '../engine/checkpoint/names.js';
import { EaselError } from '../engine/errors.js';
import { packageRoot } from '../engine/package-root.js';
import { remedyFor, withRemedy } from './remedies.js';
import type { Report } from './report.js';

/** models/ of the current folder, then Easel's own. */
export function modelFolders(): string[] {
  const folders = [resolve('models'), join(packageRoot, 'models')];
  return [...new Set(folders)].filter((folder) => existsSync(folder));
}

/** `easel models`: what is in models/, and whether it can be used. */
export async function runModels(report: Report): Promise<void> {
  for (const folder of modelFolders()) {
    for (const name of await candidates(folder)) {
      const path = join(folder, name);
      const description = await describeCheckpoint(path, { hash: false }).catch((error: Error) => error);
      if (description instanceof Error) {
        const message = description instanceof EaselError ? withRemedy(description) : description.message;
        report.say(`${name}\n  unusable: ${message}`);
        report.event({ event: 'model', name, path, complete: false, error: message });
        continue;
      }
      const { format, architecture, precision, bytes, missing, warnings, code } = description;
      const state =
        missing.length === 0
          ? 'complete'
          : (warnings[0] ?? `incomplete: ${missing.length} tensors missing, first ${missing[0]}`);
      report.say(`${name}\n  ${format}, ${architecture}, ${precision}, ${(bytes / 1e6).toFixed(0)} MB, ${state}`);
      if (code) report.say(`  ${remedyFor(code)}`);
      report.event({
        event: 'model',
        name,
        path,
        format,
        architecture,
        precision,
        bytes,
        complete: missing.length === 0,
      });
    }
  }
}

/**
 * Checkpoint files and model folders, two levels deep as in models/ldm/stable-diffusion-v1/. Links are followed, each
 * folder once.
 */
async function candidates(folder: string): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  const visit = async (relative: string, depth: number): Promise<void> => {
    const real = await realpath(join(folder, relative));
    if (seen.has(real)) return;
    seen.add(real);
    const names = await readdir(real);
    if (names.includes('model_index.json')) {
      found.push(relative);
      return;
    }
    for (const name of names) {
      const path = join(relative, name);
      const target = await stat(join(real, name)).catch(() => null);
      if (target?.isDirectory() && depth > 0) await visit(path, depth - 1);
      else if (isCheckpointName(name)) found.push(path);
    }
  };
  await visit('', 3);
  return found.sort();
}
