import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointError } from '../errors.js';
import type { AutoencoderConfig, WeightsModel } from '../model.js';
import { type Assembly, assemble, requireComplete } from './assemble.js';
import { readComponent } from './component.js';
import { AUTOENCODER_PREFIX, autoencoderFinder, inferAutoencoder } from './compvis/autoencoder.js';
import { autoencoderConfig, autoencoderJson } from './configs.js';
import { readContainer } from './container.js';
import { readJson } from './json.js';
import { autoencoderShapes, isEncoderTensor } from './layout/autoencoder.js';
import { unreadable } from './source.js';
import type { StoredTensor } from './tensor.js';

/**
 * The model with another autoencoder: a diffusers `vae` folder, or a file that holds one (alone or in a whole
 * checkpoint). A folder brings its own scaling factor; a file does not say, so the model's stays.
 */
export async function withAutoencoder(model: WeightsModel, path: string): Promise<WeightsModel> {
  const { config, parts } = isFolder(path) ? await fromFolder(path) : await fromFile(path, model.scalingFactor);
  requireComplete(
    path,
    'autoencoder',
    parts.missing.filter((name) => !isEncoderTensor(name)),
  );
  if (config.latentChannels !== model.latentChannels) {
    throw new CheckpointError(
      `${path}: this autoencoder has ${config.latentChannels} latent channels, the model has ${model.latentChannels}. Choose one made for Stable Diffusion 1.x.`,
    );
  }
  const warnings = model.warnings.filter((warning) => !warning.includes('has no encoder'));
  return {
    ...model,
    autoencoder: config,
    scalingFactor: config.scalingFactor,
    downsampling: 2 ** (config.blockOutChannels.length - 1),
    weights: { ...model.weights, autoencoder: parts.weights },
    warnings:
      parts.missing.length > 0
        ? [...warnings, `${path}: the autoencoder has no encoder; img2img cannot be used.`]
        : warnings,
  };
}

function isFolder(path: string): boolean {
  try {
    return statSync(realpathSync(path)).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

type Found = { config: AutoencoderConfig; parts: Assembly };

async function fromFolder(path: string): Promise<Found> {
  const folder = existsSync(join(path, 'config.json')) ? path : join(path, 'vae');
  const file = join(folder, 'config.json');
  const config = autoencoderConfig(file, await readJson(file, autoencoderJson));
  const { tensors } = await readComponent(folder);
  return { config, parts: assemble(folder, autoencoderShapes(config), autoencoderFinder(tensors, '')) };
}

async function fromFile(path: string, scalingFactor: number): Promise<Found> {
  const { tensors } = await readContainer(path);
  const find = autoencoderFinder(tensors, prefixIn(tensors));
  const config = { ...inferAutoencoder(path, find), scalingFactor };
  return { config, parts: assemble(path, autoencoderShapes(config), find) };
}

function prefixIn(tensors: ReadonlyMap<string, StoredTensor>): string {
  return tensors.has(`${AUTOENCODER_PREFIX}post_quant_conv.weight`) ? AUTOENCODER_PREFIX : '';
}
