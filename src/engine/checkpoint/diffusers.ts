import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { CheckpointError } from '../errors.js';
import type { Model, ScheduleConfig, TokenizerFiles, WeightsModel } from '../model.js';
import { assemble, requireComplete } from './assemble.js';
import { defaultCard, readCard } from './card.js';
import { type Component, readComponent } from './component.js';
import { autoencoderFinder } from './compvis/autoencoder.js';
import {
  autoencoderConfig,
  autoencoderJson,
  schedulerJson,
  textConfig,
  textJson,
  unetConfig,
  unetJson,
} from './configs.js';
import { shortHash } from './hash.js';
import { readJson } from './json.js';
import { autoencoderShapes, isEncoderTensor } from './layout/autoencoder.js';
import { textShapes } from './layout/text.js';
import { unetShapes } from './layout/unet.js';
import type { OpenModelOptions } from './open.js';
import { readSafetyChecker } from './safety.js';
import { alphasCumprod, alphasCumprodOf, SD_V1_BETAS } from './schedule.js';
import type { StoredTensor } from './tensor.js';

const indexJson = z.looseObject({ _class_name: z.string().optional() });
const tokenizerJson = z.looseObject({ model_max_length: z.number().min(2).optional() });

/** What OnnxStableDiffusionPipeline and optimum call the four graphs. */
const ONNX = { text: 'text_encoder', unet: 'unet', decoder: 'vae_decoder', encoder: 'vae_encoder' };

/** Opens a folder as diffusers' `save_pretrained` writes it. @param path real path of the folder. */
export async function openDiffusers(path: string, options: OpenModelOptions): Promise<Model> {
  await refuseOtherPipelines(path);
  return existsSync(join(path, 'unet', 'model.onnx')) ? openOnnx(path) : openWeights(path, options);
}

async function openWeights(path: string, options: OpenModelOptions): Promise<WeightsModel> {
  const unetFile = join(path, 'unet', 'config.json');
  const unetSettings = await readJson(unetFile, unetJson);
  const vaeFile = join(path, 'vae', 'config.json');
  const unet = unetConfig(unetFile, unetSettings);
  const autoencoder = autoencoderConfig(vaeFile, await readJson(vaeFile, autoencoderJson));
  const text = textConfig(await readJson(join(path, 'text_encoder', 'config.json'), textJson));

  const [unetFiles, vaeFiles, textFiles] = await Promise.all([
    readComponent(join(path, 'unet'), options.useEma),
    readComponent(join(path, 'vae'), options.useEma),
    readComponent(join(path, 'text_encoder')),
  ]);
  const unetParts = assemble(path, unetShapes(unet), (name) => unetFiles.tensors.get(name));
  requireComplete(join(path, 'unet'), 'UNet', unetParts.missing);
  const textParts = assemble(path, textShapes(text), (name) => findText(textFiles, name));
  requireComplete(join(path, 'text_encoder'), 'text encoder', textParts.missing);
  const vaeParts = assemble(path, autoencoderShapes(autoencoder), autoencoderFinder(vaeFiles.tensors, ''));
  requireComplete(
    join(path, 'vae'),
    'autoencoder',
    vaeParts.missing.filter((name) => !isEncoderTensor(name)),
  );

  const downsampling = 2 ** (autoencoder.blockOutChannels.length - 1);
  const side = typeof unetSettings.sample_size === 'number' ? unetSettings.sample_size * downsampling : undefined;
  return {
    kind: 'weights',
    format: 'diffusers',
    path,
    card: await readCard(path, defaultCard(basename(path), side)),
    hash: shortHash(unetFiles.files),
    schedule: await readSchedule(path),
    ...(await readTokenizer(path, text.maxPositions)),
    downsampling,
    latentChannels: autoencoder.latentChannels,
    scalingFactor: autoencoder.scalingFactor,
    latentMultiple: 2 ** (unet.blockOutChannels.length - 1),
    safetyChecker: await readSafetyChecker(options.safetyChecker, path),
    warnings: vaeParts.missing.length > 0 ? [`${path}: the autoencoder has no encoder; img2img cannot be used.`] : [],
    text,
    unet,
    autoencoder,
    weights: { text: textParts.weights, unet: unetParts.weights, autoencoder: vaeParts.weights },
  };
}

async function openOnnx(path: string): Promise<Model> {
  const file = (part: string) => join(path, part, 'model.onnx');
  for (const part of [ONNX.text, ONNX.unet, ONNX.decoder]) {
    if (!existsSync(file(part))) throw new CheckpointError(`${file(part)} is missing. Download the folder again.`);
  }
  const encoder = existsSync(file(ONNX.encoder)) ? file(ONNX.encoder) : undefined;
  return {
    kind: 'onnx',
    format: 'onnx',
    path,
    card: await readCard(path, defaultCard(basename(path))),
    hash: shortHash([file(ONNX.unet)]),
    schedule: await readSchedule(path),
    ...(await readTokenizer(path, 77)),
    // The folder does not say more; these are Stable Diffusion's, as the pipeline that wrote it has them built in.
    downsampling: 8,
    latentChannels: 4,
    scalingFactor: 0.18215,
    latentMultiple: 8,
    warnings: encoder ? [] : [`${path}: there is no vae_encoder; img2img cannot be used.`],
    files: { text: file(ONNX.text), unet: file(ONNX.unet), decoder: file(ONNX.decoder), ...(encoder && { encoder }) },
  };
}

async function refuseOtherPipelines(path: string): Promise<void> {
  const file = join(path, 'model_index.json');
  if (!existsSync(file)) return;
  const { _class_name: pipeline = 'StableDiffusionPipeline' } = await readJson(file, indexJson);
  const plain = pipeline.replace(/^(Onnx|ORT)/, '').replace(/(Img2Img|Inpaint|InpaintLegacy|Safe)?Pipeline$/, '');
  if (!['StableDiffusion', 'LatentConsistencyModel', 'Diffusion'].includes(plain)) {
    throw new CheckpointError(`${path}: this is a ${pipeline}; only Stable Diffusion 1.x and 2.x are supported.`);
  }
}

async function readSchedule(path: string): Promise<ScheduleConfig> {
  const file = join(path, 'scheduler', 'scheduler_config.json');
  if (!existsSync(file)) return { alphasCumprod: alphasCumprod(SD_V1_BETAS), predictionType: 'epsilon' };
  const json = await readJson(file, schedulerJson);
  const alphas = json.trained_betas
    ? alphasCumprodOf(json.trained_betas)
    : alphasCumprod({
        betaStart: json.beta_start,
        betaEnd: json.beta_end,
        kind: json.beta_schedule,
        timesteps: json.num_train_timesteps,
      });
  return { alphasCumprod: alphas, predictionType: json.prediction_type };
}

/** A prompt's length is what the tokenizer was set to, not the text model's positions: the rest may be untrained. */
async function readTokenizer(
  path: string,
  positions: number,
): Promise<{ tokenizer: TokenizerFiles; maxTokens: number }> {
  const folder = join(path, 'tokenizer');
  const merges = join(folder, 'merges.txt');
  const vocab = join(folder, 'vocab.json');
  if (!existsSync(merges)) throw new CheckpointError(`${merges} is missing. Download the folder again.`);
  const settings = join(folder, 'tokenizer_config.json');
  const { model_max_length: longest = positions } = existsSync(settings) ? await readJson(settings, tokenizerJson) : {};
  return {
    tokenizer: { merges, ...(existsSync(vocab) && { vocab }) },
    maxTokens: Math.min(positions, longest),
  };
}

/** Some versions of transformers leave the outer `text_model.` out. */
function findText({ tensors }: Component, name: string): StoredTensor | undefined {
  return tensors.get(name) ?? tensors.get(name.replace(/^text_model\./, ''));
}
