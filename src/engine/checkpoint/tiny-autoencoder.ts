import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CheckpointError } from '../errors.js';
import type { AutoencoderConfig } from '../model.js';
import { assemble } from './assemble.js';
import { readContainer } from './container.js';
import type { FoundAutoencoder } from './found-autoencoder.js';
import { tinyAutoencoderShapes } from './layout/tiny-autoencoder.js';
import type { StoredTensor } from './tensor.js';

/**
 * TAESD, a small autoencoder whose latents are in the sampler's scale (github.com/madebyollin/taesd; diffusers'
 * AutoencoderTiny). The original has a file for each direction, whose layers count from 0; diffusers has both in one, and
 * does not count the decoder's first, which has no weights.
 */
type Tensors = ReadonlyMap<string, StoredTensor>;

/** How an original's file may begin its names, when it holds both. */
const PREFIXES = ['', 'taesd_', 'vae.', 'first_stage_model.'] as const;

/** Finds canonical names, which are diffusers'; undefined if the file holds something else. */
export function tinyFinder(tensors: Tensors): ((name: string) => StoredTensor | undefined) | undefined {
  const find = (name: string) => {
    const [, part, number, rest] = /^(encoder|decoder)\.layers\.(\d+)\.(.+)$/.exec(name)!;
    const original = `${Number(number) + (part === 'decoder' ? 1 : 0)}.${rest}`;
    const whole = PREFIXES.flatMap((prefix) => [`${prefix}${name}`, `${prefix}${part}.${original}`]);
    // Only an encoder has weights in its first layer.
    const alone = tensors.has('0.weight') === (part === 'encoder') ? [original] : [];
    return [...whole, ...alone].map((key) => tensors.get(key)).find((tensor) => tensor !== undefined);
  };
  const first = find('decoder.layers.2.conv.0.weight') ?? find('encoder.layers.1.conv.0.weight');
  return first && find;
}

/** Reads a TAESD file, and the one of the other direction beside it: taesd_encoder.pth beside taesd_decoder.pth. */
export async function readTinyFile(path: string, tensors: Tensors, warnings: string[]): Promise<FoundAutoencoder> {
  const own = tinyFinder(tensors)!;
  const other = otherDirection(path);
  const beside = other !== undefined && existsSync(other) ? await readContainer(other) : undefined;
  const theirs = beside && tinyFinder(beside.tensors);
  return tinyOf(path, (name) => own(name) ?? theirs?.(name), [...warnings, ...(beside?.warnings ?? [])]);
}

export function tinyOf(
  place: string,
  find: (name: string) => StoredTensor | undefined,
  warnings: string[],
): FoundAutoencoder {
  const config = inferTiny(place, find);
  return { place, config, parts: assemble(place, tinyAutoencoderShapes(config), find), warnings };
}

/** Folders that AUTOMATIC1111 and ComfyUI keep it in, and its own. */
export const TINY_FOLDERS: ReadonlySet<string> = new Set(['taesd', 'vae_approx', 'VAE-taesd']);

/** TAESD as it may lie in a folder of models, for previews and for `--vae taesd`: a folder of diffusers', or a file. */
export function tinyIn(folder: string): string | undefined {
  return ['', 'vae_approx', 'VAE-taesd']
    .flatMap((below) =>
      ['taesd', 'taesd.safetensors', 'taesd_decoder.safetensors', 'taesd_decoder.pth'].map((name) =>
        join(folder, below, name),
      ),
    )
    .find((path) => existsSync(path));
}

function otherDirection(path: string): string | undefined {
  const name = basename(path);
  const other = name.includes('decoder') ? name.replace('decoder', 'encoder') : name.replace('encoder', 'decoder');
  return other === name ? undefined : join(dirname(path), other);
}

function inferTiny(place: string, find: (name: string) => StoredTensor | undefined): AutoencoderConfig {
  const [decoder, encoder] = [find('decoder.layers.0.weight'), find('encoder.layers.14.weight')];
  const width = decoder?.shape[0];
  if (!decoder || width === undefined) {
    throw new CheckpointError(
      `${place}: this is TAESD's encoder alone. Give the decoder, taesd_decoder; the encoder may lie beside it.`,
    );
  }
  return {
    tiny: true,
    inChannels: 3,
    outChannels: 3,
    latentChannels: decoder.shape[1] ?? encoder?.shape[0] ?? 4,
    blockOutChannels: [width, width, width, width],
    layersPerBlock: 3,
    normGroups: 1,
    scalingFactor: 1,
    midAttention: false,
  };
}
