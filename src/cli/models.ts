import { existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { ownModelsDir } from '../config.js';
import { controlNetsIn } from '../engine/checkpoint/controlnets.js';
import { describeCheckpoint } from '../engine/checkpoint/describe.js';
import { modelsBelow } from '../engine/checkpoint/models-below.js';
import { openUpscaler } from '../engine/checkpoint/upscaler.js';
import { upscalersIn } from '../engine/checkpoint/upscalers.js';
import { EaselError } from '../engine/errors.js';
import { modelsFolder } from '../engine/package-root.js';
import type { Abilities, Task } from '../engine/purpose.js';
import { remedyFor, withRemedy } from './remedies.js';
import type { Report } from './report.js';

/** MODELS_DIR, then models/ in the current folder, then Easel's own. */
export function modelFolders(): string[] {
  const own = ownModelsDir();
  const folders = [...(own ? [own] : []), resolve('models'), modelsFolder];
  return [...new Set(folders)].filter((folder) => existsSync(folder));
}

/**
 * Where models are pulled to: the folder given, MODELS_DIR, models/ in the current folder, or Easel's own. An Easel that
 * was installed into a project has its own inside node_modules, where the next installation would delete what is there.
 */
export function pullFolder(into: string | undefined): string {
  if (into !== undefined) return resolve(into);
  const here = resolve('models');
  const inProject = modelsFolder.split(sep).includes('node_modules');
  return ownModelsDir() ?? (existsSync(here) || inProject ? here : modelsFolder);
}

/** `easel models`: what is in models/, and whether it can be used; then the ControlNets and the upscalers. */
export async function runModels(report: Report): Promise<void> {
  await listModels(report);
  for (const { name, path, kind } of (await Promise.all(modelFolders().map(controlNetsIn))).flat()) {
    report.say(`${name}\n  ControlNet${kind ? ` for ${kind}` : ''}, for --control_net`);
    report.event({ event: 'controlnet', name, path, kind });
  }
  for (const { name, path } of (await Promise.all(modelFolders().map(upscalersIn))).flat()) {
    const opened = await openUpscaler(path).catch((error: Error) => error);
    const unusable = opened instanceof Error ? opened.message : undefined;
    const scale = opened instanceof Error ? undefined : opened.config.scale;
    report.say(
      `${name}\n  ${unusable === undefined ? `upscaler, ${scale} times as large, for upscale --with` : `unusable: ${unusable}`}`,
    );
    report.event({ event: 'upscaler', name, path, scale, ...(unusable !== undefined && { error: unusable }) });
  }
}

async function listModels(report: Report): Promise<void> {
  for (const folder of modelFolders()) {
    for (const name of await modelsBelow(folder)) {
      const path = join(folder, name);
      const description = await describeCheckpoint(path, { hash: false }).catch((error: Error) => error);
      if (description instanceof Error) {
        const message = description instanceof EaselError ? withRemedy(description) : description.message;
        report.say(`${name}\n  unusable: ${message}`);
        report.event({ event: 'model', name, path, complete: false, error: message });
        continue;
      }
      const { format, architecture, precision, bytes, safetyChecker, abilities, missing, warnings, codes } =
        description;
      const state =
        missing.length === 0
          ? 'complete'
          : (warnings[0] ?? `incomplete: ${missing.length} tensors missing, first ${missing[0]}`);
      const checker = codes.includes('noSafetyChecker') ? ', without a safety checker' : '';
      report.say(
        `${name}\n  ${format}, ${architecture}, ${precision}, ${(bytes / 1e6).toFixed(0)} MB, ${state}${checker}`,
      );
      if (abilities) report.say(`  ${told(abilities)}`);
      for (const code of codes) report.say(`  ${remedyFor(code)}`);
      report.event({
        event: 'model',
        name,
        path,
        format,
        architecture,
        precision,
        bytes,
        safetyChecker,
        ...abilities,
        complete: missing.length === 0,
      });
    }
  }
}

const FROM: Record<Task, string> = {
  txt2img: 'from words',
  img2img: 'from a picture',
  inpaint: 'inside a mask',
};

/** What a model can do, and what to write into its prompt. */
export function told({ purpose, tasks, prompt }: Abilities): string {
  const made = { paint: '', inpaint: 'made for inpainting; ', edit: 'made to edit pictures; ' }[purpose];
  const from = new Intl.ListFormat('en').format(tasks.map((task) => FROM[task]));
  const says = prompt === 'instruction' ? 'what to change ("make it winter")' : 'what to see';
  return tasks.length > 0 ? `${made}paints ${from}; the prompt says ${says}` : `${made}its autoencoder has no encoder`;
}
