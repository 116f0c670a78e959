import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CheckpointError } from '../errors.js';
import type { WeightsModel } from '../model.js';
import { type Assembly, assemble, requireComplete, requireEven, requireKnownInputs } from './assemble.js';
import { readAutoencoder, requireAutoencoder, SD_V1_SCALING } from './autoencoder-file.js';
import { defaultCard, readCard } from './card.js';
import { type Component, readComponent } from './component.js';
import { autoencoderJson, textConfig, textJson, unetConfig, unetJson } from './configs.js';
import { readScheduler } from './folder.js';
import type { FoundAutoencoder } from './found-autoencoder.js';
import { readJson } from './json.js';
import { shortHash } from './known-hashes.js';
import { textShapes } from './layout/text.js';
import { unetShapes } from './layout/unet.js';
import type { OpenModelOptions } from './options.js';
import { readSafetyChecker } from './safety.js';
import type { StoredTensor } from './tensor.js';
import { readTokenizer } from './tokenizer-folder.js';

/** What a diffusers folder contains: configurations, files, and each network's tensors by canonical name. */
export interface DiffusersFolder {
  text: WeightsModel['text'];
  unet: WeightsModel['unet'];
  /** The folder's own, unless another was given; undefined if there is none at all. */
  autoencoder: FoundAutoencoder | undefined;
  /** Latent side of the pictures it was trained on, if the UNet's configuration has it. */
  sampleSize?: number;
  files: { text: Component; unet: Component };
  parts: { text: Assembly; unet: Assembly };
}

export async function understandDiffusers(path: string, options: OpenModelOptions): Promise<DiffusersFolder> {
  const unetFile = join(path, 'unet', 'config.json');
  const unetSettings = await readJson(unetFile, unetJson);
  const unet = unetConfig(unetFile, unetSettings);
  const text = textConfig(await readJson(join(path, 'text_encoder', 'config.json'), textJson));
  const autoencoder = await autoencoderFor(path, options);
  requireEven(path, { unet, text, ...(autoencoder && { autoencoder: autoencoder.config }) });
  const [unetFiles, textFiles] = await Promise.all([
    readComponent(join(path, 'unet'), options.useEma),
    readComponent(join(path, 'text_encoder')),
  ]);
  return {
    text,
    unet,
    autoencoder,
    ...(typeof unetSettings.sample_size === 'number' && { sampleSize: unetSettings.sample_size }),
    files: { text: textFiles, unet: unetFiles },
    parts: {
      text: assemble(textFiles.folder, textShapes(text), (name) => findText(textFiles, name)),
      unet: assemble(unetFiles.folder, unetShapes(unet), (name) => unetFiles.tensors.get(name)),
    },
  };
}

/** A file does not contain its scaling factor; the folder's own autoencoder has one, if it exists. */
async function autoencoderFor(path: string, { vae }: OpenModelOptions): Promise<FoundAutoencoder | undefined> {
  const own = join(path, 'vae');
  const config = join(own, 'config.json');
  if (vae === undefined) return existsSync(own) ? readAutoencoder(own, SD_V1_SCALING) : undefined;
  const scaling = existsSync(config)
    ? ((await readJson(config, autoencoderJson)).scaling_factor ?? SD_V1_SCALING)
    : SD_V1_SCALING;
  return readAutoencoder(vae, scaling);
}

/** Opens a folder as diffusers' `save_pretrained` writes it. @param path real path of the folder. */
export async function openDiffusers(path: string, options: OpenModelOptions): Promise<WeightsModel> {
  const { text, unet, sampleSize, files, parts, ...understood } = await understandDiffusers(path, options);
  requireKnownInputs(files.unet.folder, unet.inChannels, unet.outChannels);
  requireComplete(files.unet.folder, 'UNet', parts.unet.missing);
  requireComplete(files.text.folder, 'text encoder', parts.text.missing);
  if (!understood.autoencoder) {
    throw new CheckpointError(
      `${path}: there is no vae folder in it, which turns latents into pictures. Take it from where the model was published.`,
      { code: 'noAutoencoder' },
    );
  }
  const warnings = [
    ...files.text.warnings,
    ...files.unet.warnings,
    ...requireAutoencoder(understood.autoencoder, unet.outChannels),
  ];
  const autoencoder = understood.autoencoder.config;

  const downsampling = 2 ** (autoencoder.blockOutChannels.length - 1);
  const { schedule, advice } = await readScheduler(path);
  const card = await readCard(path, {
    ...defaultCard(basename(path), sampleSize && sampleSize * downsampling),
    ...advice,
    // Where the scale is an input, guidance was distilled with it: huggingface.co/SimianLuo/LCM_Dreamshaper_v7 says 8.
    ...(unet.timeCondDim && { scale: 8 }),
  });
  const read = await readTokenizer(path, text.maxPositions);
  const stray = [...(read.tokenizer.words ?? [])].find(([, ids]) => ids.some((id) => id >= text.vocabSize))?.[0];
  if (stray !== undefined) {
    warnings.push(
      `${path}: the tokenizer has the word "${stray.slice(0, 60)}", but the text encoder has no vector for it; prompts with it cannot be painted.`,
    );
  }
  return {
    kind: 'weights',
    format: 'diffusers',
    path,
    card,
    hash: shortHash(files.unet.files, options.cache),
    schedule: { ...schedule, ...(card.predictionType && { predictionType: card.predictionType }) },
    ...read,
    downsampling,
    latentChannels: autoencoder.latentChannels,
    scalingFactor: autoencoder.scalingFactor,
    latentMultiple: 2 ** (unet.blockOutChannels.length - 1),
    safetyChecker: await readSafetyChecker(options.safetyChecker, path),
    warnings,
    text,
    unet,
    autoencoder,
    weights: { text: parts.text.weights, unet: parts.unet.weights, autoencoder: understood.autoencoder.parts.weights },
  };
}

/** Some versions of transformers omit the outer `text_model.`. */
function findText({ tensors }: Component, name: string): StoredTensor | undefined {
  return tensors.get(name) ?? tensors.get(name.replace(/^text_model\./, ''));
}
