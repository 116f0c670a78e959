import { realpath, stat } from 'node:fs/promises';
import { CheckpointError } from '../errors.js';
import type { Model } from '../model.js';
import { openCompVis } from './compvis/open.js';
import { readYaml } from './compvis/yaml.js';
import { readContainer } from './container.js';
import { openDiffusers } from './diffusers.js';
import { withEmbeddings } from './embedding.js';
import { fileOfFolder, isModelFolder, refuseOtherPipelines } from './folder.js';
import { isOnnxFolder, openOnnxFolder } from './onnx-folder.js';
import type { ScanModelOptions } from './options.js';
import { unreadable } from './source.js';
import { scanPickles } from './torch/scan.js';

/**
 * Opens a model: a diffusers folder, a diffusers ONNX folder, or a single checkpoint file. Reads names and shapes only;
 * weights stay on disk until a graph maps them.
 *
 * @throws CheckpointError if it is missing, damaged, incomplete or not Stable Diffusion 1.x (or a 2.x that runs the same way).
 */
export async function openModel(path: string, options: ScanModelOptions = {}): Promise<Model> {
  const real = await realpath(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  const isFolder = (await stat(real)).isDirectory();
  const model = isFolder ? await openFolder(real, options) : await openFile(path, real, options);
  if (model.kind === 'weights') return withEmbeddings(model, options.embeddings ?? []);
  if (options.vae !== undefined || options.embeddings?.length) {
    throw new CheckpointError(`${path}: an ONNX folder cannot be combined with an autoencoder or an embedding.`);
  }
  return model;
}

async function openFile(path: string, real: string, options: ScanModelOptions): Promise<Model> {
  const container = await readContainer(path, { scan: options.scan ?? false });
  const model = await openCompVis(path, real, container, options);
  return container.scan ? { ...model, scan: container.scan } : model;
}

async function openFolder(path: string, options: ScanModelOptions): Promise<Model> {
  if (!isModelFolder(path)) return openModel(await fileOfFolder(path), options);
  // A folder says itself how it is built; what was named all the same must be a configuration.
  if (options.config !== undefined) await readYaml(options.config);
  await refuseOtherPipelines(path);
  const model = isOnnxFolder(path) ? await openOnnxFolder(path, options) : await openDiffusers(path, options);
  return options.scan ? { ...model, scan: await scanPickles(path) } : model;
}
