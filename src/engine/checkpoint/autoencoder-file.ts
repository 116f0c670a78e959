import { existsSync, realpathSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { CheckpointError } from '../errors.js';
import { assemble, requireComplete } from './assemble.js';
import { readComponent } from './component.js';
import { AUTOENCODER_PREFIX, autoencoderFinder, inferAutoencoder } from './compvis/autoencoder.js';
import { autoencoderConfig, autoencoderJson } from './configs.js';
import { readContainer } from './container.js';
import type { FoundAutoencoder } from './found-autoencoder.js';
import { readJson } from './json.js';
import { autoencoderShapes, isEncoderTensor } from './layout/autoencoder.js';
import { unreadable } from './source.js';
import type { StoredTensor } from './tensor.js';
import { readTinyFile, tinyFinder, tinyIn, tinyOf } from './tiny-autoencoder.js';

/** Of Stable Diffusion v1; a single file does not contain its own. */
export const SD_V1_SCALING = 0.18215;

/**
 * Reads an autoencoder that is separate from the model: a diffusers `vae` folder, or a file with one, alone or in a whole
 * checkpoint. A folder has its own scaling factor; a file does not.
 *
 * @param scalingFactor the model's, for a file.
 */
export async function readAutoencoder(path: string, scalingFactor: number): Promise<FoundAutoencoder> {
  return isFolder(path) ? fromFolder(path) : fromFile(path, scalingFactor);
}

/** `NAME.vae.safetensors` next to `NAME.ckpt` belongs to it, as in AUTOMATIC1111 (modules/sd_vae.py). */
export function autoencoderBeside(paths: readonly string[]): string | undefined {
  return paths
    .map((path) => path.slice(0, path.length - extname(path).length))
    .flatMap((stem) => ['safetensors', 'pt', 'ckpt'].map((kind) => `${stem}.vae.${kind}`))
    .find((file) => existsSync(file));
}

/**
 * @param latentChannels of the UNet.
 * @returns warnings for people to read.
 * @throws CheckpointError if it cannot decode, or its latents do not match the UNet's.
 */
export function requireAutoencoder(
  { place, config, parts: { missing }, warnings }: FoundAutoencoder,
  latentChannels: number,
): string[] {
  requireComplete(
    place,
    'autoencoder',
    missing.filter((name) => !isEncoderTensor(name)),
  );
  if (config.latentChannels !== latentChannels) {
    throw new CheckpointError(
      `${place}: this autoencoder has ${config.latentChannels} latent channels, the model has ${latentChannels}. Choose one made for Stable Diffusion 1.x.`,
    );
  }
  return missing.length > 0
    ? [...warnings, `${place}: the autoencoder has no encoder; img2img cannot be used.`]
    : warnings;
}

function isFolder(path: string): boolean {
  try {
    return statSync(realpathSync(path)).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** The folder itself, or a whole model's. */
async function fromFolder(path: string): Promise<FoundAutoencoder> {
  const inner = join(path, 'vae');
  const place = !existsSync(join(path, 'config.json')) && existsSync(inner) ? inner : path;
  const file = join(place, 'config.json');
  // The original's two files have no configuration.
  if (!existsSync(file)) {
    const tiny = tinyIn(path);
    if (tiny !== undefined) return fromFile(tiny, SD_V1_SCALING);
  }
  const json = await readJson(file, autoencoderJson);
  if (json._class_name === 'AutoencoderTiny') {
    const { tensors, warnings } = await readComponent(place);
    const found = tinyOf(place, tinyFinder(tensors) ?? (() => undefined), warnings);
    return { ...found, config: { ...found.config, scalingFactor: json.scaling_factor ?? 1 } };
  }
  const config = autoencoderConfig(file, json);
  const { tensors, warnings } = await readComponent(place);
  return { place, config, parts: assemble(place, autoencoderShapes(config), autoencoderFinder(tensors, '')), warnings };
}

async function fromFile(path: string, scalingFactor: number): Promise<FoundAutoencoder> {
  const { tensors, warnings } = await readContainer(path);
  if (tinyFinder(tensors)) return readTinyFile(path, tensors, warnings);
  const find = autoencoderFinder(tensors, prefixIn(tensors));
  const config = { ...inferAutoencoder(path, find), scalingFactor };
  return { place: path, config, parts: assemble(path, autoencoderShapes(config), find), warnings };
}

function prefixIn(tensors: ReadonlyMap<string, StoredTensor>): string {
  return tensors.has(`${AUTOENCODER_PREFIX}post_quant_conv.weight`) ? AUTOENCODER_PREFIX : '';
}
