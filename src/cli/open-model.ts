import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../config.js';
import { inRange } from '../engine/check.js';
import { tinyIn } from '../engine/checkpoint/tiny-autoencoder.js';
import { EMBEDDED_MODEL } from '../engine/embedded-model.js';
import { EaselError } from '../engine/errors.js';
import type { Device, Precision } from '../engine/runtime/open.js';
import { StableDiffusion } from '../engine/stable-diffusion.js';
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
}

/** ONNX Runtime starts as many threads as it is asked for, until the system has none left. */
const MAX_THREADS = 1024;

/** Where the reference's README says to put the weights. */
const REFERENCE_CKPT = 'models/ldm/stable-diffusion-v1/model.ckpt';

export async function openFor(args: ModelArguments, report: Report): Promise<StableDiffusion> {
  if (args.threads !== undefined) inRange('--threads', args.threads, 1, MAX_THREADS);
  const path = pathOf(args);
  report.say(`Loading model from ${path}`);
  const { device, threads, precision, config, vae, embedding } = args;
  const embeddings = embedding?.map((file) => ({ file }));
  const runtime = { device, threads, precision, cache: cacheFolder() };
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

function pathOf({ ckpt, model }: ModelArguments): string {
  if (ckpt !== undefined) return ckpt;
  if (model === undefined) return existsSync(REFERENCE_CKPT) ? REFERENCE_CKPT : EMBEDDED_MODEL;
  const found = modelFolders()
    .map((folder) => join(folder, model))
    .find((path) => existsSync(path));
  if (!found) throw new EaselError(`There is no model "${model}" in ${modelFolders().join(' or ')}. See: easel models`);
  return found;
}
