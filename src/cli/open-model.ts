import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { cacheFolder } from '../config.js';
import { inRange } from '../engine/check.js';
import { isCheckpointName } from '../engine/checkpoint/names.js';
import { openModel } from '../engine/checkpoint/open.js';
import { tinyIn } from '../engine/checkpoint/tiny-autoencoder.js';
import { EMBEDDED_MODEL } from '../engine/embedded-model.js';
import { EaselError } from '../engine/errors.js';
import { purposeOf } from '../engine/purpose.js';
import type { Device, Precision } from '../engine/runtime/open.js';
import type { Tiling } from '../engine/runtime/tiling.js';
import { StableDiffusion } from '../engine/stable-diffusion.js';
import { pulledAs, pulledLast } from '../pull/record.js';
import { isPullable } from '../pull/target.js';
import { modelFolders } from './models.js';
import { remedyFor } from './remedies.js';
import type { Report } from './report.js';

/** Which model, and how to run it. */
export interface ModelArguments {
  ckpt?: string;
  model?: string;
  config?: string;
  vae?: string;
  embedding?: string[];
  device: Device;
  threads?: number;
  precision: Precision;
  vaeTiling: Tiling;
}

/** ONNX Runtime starts as many threads as it is asked for, until the system has none left. */
export const MAX_THREADS = 1024;

/** Where the reference's README says to put the weights. */
const REFERENCE_CKPT = 'models/ldm/stable-diffusion-v1/model.ckpt';

export async function openFor(args: ModelArguments, report: Report, signal: AbortSignal): Promise<StableDiffusion> {
  if (args.threads !== undefined) inRange('--threads', args.threads, 1, MAX_THREADS);
  const path = await pathOf(args, report, signal);
  report.say(`Loading model from ${path}`);
  const { device, threads, precision, vaeTiling, config, vae, embedding } = args;
  const embeddings = embedding?.map((file) => ({ file }));
  const runtime = { device, threads, precision, vaeTiling, cache: cacheFolder() };
  const sd = await StableDiffusion.open(path, { ...runtime, config, vae: autoencoderOf(vae), embeddings });
  if (sd.model.globalStep !== undefined) report.say(`Global Step: ${sd.model.globalStep}`);
  for (const warning of sd.model.warnings) report.notice(warning);
  if (!sd.model.safetyChecker && sd.model.card.needsSafetyChecker) {
    const remedy = sd.model.kind === 'onnx' ? '' : ` ${remedyFor('noSafetyChecker')}`;
    report.notice(`${sd.model.card.name} has no safety checker: pictures are not checked.${remedy}`);
  }
  return sd;
}

/** `taesd` is the one among the models, unless there is a file or folder of that name here. */
function autoencoderOf(vae: string | undefined): string | undefined {
  if (vae !== 'taesd' || existsSync(vae)) return vae;
  const found = modelFolders()
    .map(tinyIn)
    .find((path) => path !== undefined);
  if (found === undefined) {
    throw new EaselError(
      `There is no taesd in ${modelFolders().join(' or ')}. Put its folder or taesd_decoder.safetensors there.`,
    );
  }
  return found;
}

/**
 * What was named; else where the reference wants its weights; else the model that was pulled last; else the one that
 * ships. A name that can be pulled may be pulled now, if somebody is there to say so.
 */
async function pathOf({ ckpt, model }: ModelArguments, report: Report, signal: AbortSignal): Promise<string> {
  if (ckpt !== undefined) return ckpt;
  if (model === undefined)
    return existsSync(REFERENCE_CKPT) ? REFERENCE_CKPT : ((await lastPulled()) ?? EMBEDDED_MODEL);
  const found = await modelNamed(model);
  if (found !== undefined) return found;
  const none = `There is no model "${model}" in ${modelFolders().join(' or ')}.`;
  if (!isPullable(model)) throw new EaselError(`${none} See: easel models`);
  if (!(await report.ask(`${none} Get it now?`))) throw new EaselError(`${none} Get it with: npx easel pull ${model}`);
  const { runPull } = await import('./pull.js');
  await runPull(model, {}, report, signal);
  const pulled = await modelNamed(model);
  if (pulled === undefined) throw new EaselError(`${model} is no model that paints by itself. See: easel models`);
  return pulled;
}

async function modelNamed(name: string): Promise<string | undefined> {
  const path = modelFolders()
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
  if (path !== undefined) return path;
  const models = await modelsHere();
  return models.get((await pulledAs(models, name)) ?? '');
}

/** The path of the model that a picture names, which is that of its file or folder; undefined where it is not here. */
export async function modelCalled(name: string): Promise<string | undefined> {
  for (const [file, path] of await modelsHere()) {
    if (file === name || (isCheckpointName(file) && parse(file).name === name)) return path;
  }
  return existsSync(REFERENCE_CKPT) && parse(REFERENCE_CKPT).name === name ? REFERENCE_CKPT : undefined;
}

/** The model that was pulled last, of those that paint from words alone and were not made for anything else. */
async function lastPulled(): Promise<string | undefined> {
  const models = await modelsHere();
  for (;;) {
    const name = await pulledLast(models);
    if (name === undefined) return undefined;
    const path = models.get(name)!;
    const model = await openModel(path).catch(() => null);
    if (model && purposeOf(model) === 'paint') return path;
    models.delete(name);
  }
}

/** What is directly in the models folders. */
async function modelsHere(): Promise<Map<string, string>> {
  const models = new Map<string, string>();
  for (const folder of modelFolders()) {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const isModel = isCheckpointName(name) || existsSync(join(path, 'model_index.json'));
      if (isModel && !models.has(name)) models.set(name, path);
    }
  }
  return models;
}
