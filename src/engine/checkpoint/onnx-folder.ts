import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CheckpointError } from '../errors.js';
import type { OnnxModel } from '../model.js';
import { kindOf } from '../regular-file.js';
import { requireKnownInputs } from './assemble.js';
import { defaultCard, readCard } from './card.js';
import { autoencoderJson, unetJson } from './configs.js';
import { readScheduler } from './folder.js';
import { readJson } from './json.js';
import { shortHash } from './known-hashes.js';
import type { OpenModelOptions } from './options.js';
import { readSafetyChecker } from './safety.js';
import { readTokenizer } from './tokenizer-folder.js';

export function isOnnxFolder(path: string): boolean {
  return existsSync(join(path, 'unet', 'model.onnx'));
}

const GRAPHS = ['text_encoder', 'unet', 'vae_decoder', 'vae_encoder'];

/** ONNX Runtime opens the graphs and the files they refer to by itself, and would block forever on a pipe. */
async function requireFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found && !found.isFile() && !found.isDirectory()) throw new CheckpointError(`${path}: it is ${kindOf(found)}.`);
    if (found?.isDirectory() && name.endsWith('.onnx')) throw new CheckpointError(`${path}: it is a folder.`);
  }
}

/** Opens a folder of graphs that OnnxStableDiffusionPipeline or optimum wrote. @param path real path of the folder. */
export async function openOnnxFolder(path: string, options: OpenModelOptions): Promise<OnnxModel> {
  const graph = (part: string) => join(path, part, 'model.onnx');
  for (const part of ['text_encoder', 'unet', 'vae_decoder']) {
    if (!existsSync(graph(part))) throw new CheckpointError(`${graph(part)} is missing. Download the folder again.`);
  }
  for (const part of GRAPHS) await requireFiles(join(path, part));
  const encoder = existsSync(graph('vae_encoder')) ? graph('vae_encoder') : undefined;
  const checker = typeof options.safetyChecker === 'string' ? options.safetyChecker : false;
  // Optimum writes configurations next to the graphs; diffusers does not, and has SD v1's values built in.
  const [unetFile, vaeFile] = [join(path, 'unet', 'config.json'), join(path, 'vae_decoder', 'config.json')];
  const unet = existsSync(unetFile)
    ? await readJson(unetFile, unetJson)
    : { block_out_channels: [1, 2, 4, 4], in_channels: 4 };
  const vae = existsSync(vaeFile)
    ? await readJson(vaeFile, autoencoderJson)
    : { block_out_channels: [1, 2, 4, 4], latent_channels: 4, scaling_factor: 0.18215 };
  requireKnownInputs(path, unet.in_channels, vae.latent_channels);
  if (unet.in_channels !== vae.latent_channels) {
    throw new CheckpointError(
      `${path}: ONNX models for inpainting or editing are not supported. Use the model with weights.`,
    );
  }
  const { schedule, advice } = await readScheduler(path);
  return {
    kind: 'onnx',
    format: 'onnx',
    path,
    card: await readCard(path, { ...defaultCard(basename(path)), ...advice }),
    hash: shortHash([graph('unet')], options.cache),
    schedule,
    ...(await readTokenizer(path, 77)),
    downsampling: 2 ** (vae.block_out_channels.length - 1),
    latentChannels: vae.latent_channels,
    scalingFactor: vae.scaling_factor ?? 0.18215,
    latentMultiple: 2 ** (unet.block_out_channels.length - 1),
    safetyChecker: await readSafetyChecker(checker, path),
    warnings: encoder ? [] : [`${path}: there is no vae_encoder; img2img cannot be used.`],
    files: {
      text: graph('text_encoder'),
      unet: graph('unet'),
      decoder: graph('vae_decoder'),
      ...(encoder && { encoder }),
    },
  };
}
