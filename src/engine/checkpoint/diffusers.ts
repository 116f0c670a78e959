import { basename, join } from 'node:path';
import type { WeightsModel } from '../model.js';
import { type Assembly, assemble, requireComplete, requireEven, requireKnownInputs } from './assemble.js';
import { defaultCard, readCard } from './card.js';
import { type Component, readComponent } from './component.js';
import { autoencoderFinder } from './compvis/autoencoder.js';
import { autoencoderConfig, autoencoderJson, textConfig, textJson, unetConfig, unetJson } from './configs.js';
import { readSchedule } from './folder.js';
import { shortHash } from './hash.js';
import { readJson } from './json.js';
import { autoencoderShapes, isEncoderTensor } from './layout/autoencoder.js';
import { textShapes } from './layout/text.js';
import { unetShapes } from './layout/unet.js';
import type { OpenModelOptions } from './open.js';
import { readSafetyChecker } from './safety.js';
import type { StoredTensor } from './tensor.js';
import { readTokenizer } from './tokenizer-folder.js';

/** A diffusers folder, understood: configurations, files, and each network's tensors by canonical name. */
export interface DiffusersFolder {
  text: WeightsModel['text'];
  unet: WeightsModel['unet'];
  autoencoder: WeightsModel['autoencoder'];
  /** Latent side of the pictures it was trained on, if the UNet's configuration tells. */
  sampleSize?: number;
  files: { text: Component; unet: Component; autoencoder: Component };
  parts: { text: Assembly; unet: Assembly; autoencoder: Assembly };
}

export async function understandDiffusers(path: string, options: OpenModelOptions): Promise<DiffusersFolder> {
  const unetFile = join(path, 'unet', 'config.json');
  const unetSettings = await readJson(unetFile, unetJson);
  const vaeFile = join(path, 'vae', 'config.json');
  const unet = unetConfig(unetFile, unetSettings);
  const autoencoder = autoencoderConfig(vaeFile, await readJson(vaeFile, autoencoderJson));
  const text = textConfig(await readJson(join(path, 'text_encoder', 'config.json'), textJson));
  requireEven(path, { unet, text, autoencoder });
  const [unetFiles, autoencoderFiles, textFiles] = await Promise.all([
    readComponent(join(path, 'unet'), options.useEma),
    readComponent(join(path, 'vae'), options.useEma),
    readComponent(join(path, 'text_encoder')),
  ]);
  return {
    text,
    unet,
    autoencoder,
    ...(typeof unetSettings.sample_size === 'number' && { sampleSize: unetSettings.sample_size }),
    files: { text: textFiles, unet: unetFiles, autoencoder: autoencoderFiles },
    parts: {
      text: assemble(textFiles.folder, textShapes(text), (name) => findText(textFiles, name)),
      unet: assemble(unetFiles.folder, unetShapes(unet), (name) => unetFiles.tensors.get(name)),
      autoencoder: assemble(
        autoencoderFiles.folder,
        autoencoderShapes(autoencoder),
        autoencoderFinder(autoencoderFiles.tensors, ''),
      ),
    },
  };
}

/** Opens a folder as diffusers' `save_pretrained` writes it. @param path real path of the folder. */
export async function openDiffusers(path: string, options: OpenModelOptions): Promise<WeightsModel> {
  const { text, unet, autoencoder, sampleSize, files, parts } = await understandDiffusers(path, options);
  requireKnownInputs(files.unet.folder, unet.inChannels, autoencoder.latentChannels);
  requireComplete(files.unet.folder, 'UNet', parts.unet.missing);
  requireComplete(files.text.folder, 'text encoder', parts.text.missing);
  const decoder = parts.autoencoder.missing.filter((name) => !isEncoderTensor(name));
  requireComplete(files.autoencoder.folder, 'autoencoder', decoder);

  const downsampling = 2 ** (autoencoder.blockOutChannels.length - 1);
  const warnings: string[] = [];
  if (parts.autoencoder.missing.length > 0) {
    warnings.push(`${path}: the autoencoder has no encoder; img2img cannot be used.`);
  }
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
    card: await readCard(path, defaultCard(basename(path), sampleSize && sampleSize * downsampling)),
    hash: shortHash(files.unet.files),
    schedule: await readSchedule(path),
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
    weights: { text: parts.text.weights, unet: parts.unet.weights, autoencoder: parts.autoencoder.weights },
  };
}

/** Some versions of transformers leave the outer `text_model.` out. */
function findText({ tensors }: Component, name: string): StoredTensor | undefined {
  return tensors.get(name) ?? tensors.get(name.replace(/^text_model\./, ''));
}
