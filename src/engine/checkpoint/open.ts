import { realpath, stat } from 'node:fs/promises';
import { CheckpointError } from '../errors.js';
import type { Model } from '../model.js';
import { openCompVis } from './compvis/open.js';
import { readContainer } from './container.js';
import { openDiffusers } from './diffusers.js';
import { withEmbeddings } from './embedding.js';
import { fileOfFolder, isModelFolder, refuseOtherPipelines } from './folder.js';
import { isOnnxFolder, openOnnxFolder } from './onnx-folder.js';
import type { OpenModelOptions } from './options.js';
import { unreadable } from './source.js';

/**
 * Opens a model: a diffusers folder, a diffusers ONNX folder, or a single checkpoint file. Reads names and shapes only;
 * weights stay on disk until a graph maps them.
 *
 * @throws CheckpointError if it is missing, damaged, incomplete or not Stable Diffusion 1.x (or a 2.x that runs the same way).
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<Model> {
  const real = await realpath(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  const model = (await stat(real)).isDirectory()
    ? await openFolder(real, options)
    : await openCompVis(path, real, await readContainer(path), options);
  if (model.kind === 'weights') return withEmbeddings(model, options.embeddings ?? []);
  if (options.vae !== undefined || options.embeddings?.length) {
    throw new CheckpointError(`${path}: an ONNX folder cannot be combined with an autoencoder or an embedding.`);
  }
  return model;
}

async function openFolder(path: string, options: OpenModelOptions): Promise<Model> {
  if (!isModelFolder(path)) return openModel(await fileOfFolder(path), options);
  await refuseOtherPipelines(path);
  return isOnnxFolder(path) ? openOnnxFolder(path, options) : openDiffusers(path, options);
}
