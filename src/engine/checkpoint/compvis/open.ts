import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { CheckpointError } from '../../errors.js';
import type { ModelCard, ScheduleConfig, WeightsModel } from '../../model.js';
import { modelsFolder } from '../../package-root.js';
import { purposeOfUnet } from '../../purpose.js';
import { type Assembly, assemble, requireComplete, requireEven, requireKnownInputs } from '../assemble.js';
import { autoencoderBeside, readAutoencoder, requireAutoencoder, SD_V1_SCALING } from '../autoencoder-file.js';
import { defaultCard, nativeSizeOf, readCardBeside } from '../card.js';
import { CLIP_MERGES } from '../clip-merges.js';
import type { Container } from '../container.js';
import type { FoundAutoencoder } from '../found-autoencoder.js';
import { otherKind } from '../kinds.js';
import { shortHash } from '../known-hashes.js';
import { autoencoderShapes } from '../layout/autoencoder.js';
import { textShapes } from '../layout/text.js';
import { unetShapes } from '../layout/unet.js';
import type { OpenModelOptions } from '../options.js';
import { readSafetyChecker } from '../safety.js';
import { alphasCumprod, SD_V1_BETAS, zeroTerminalSnr } from '../schedule.js';
import { readValues } from '../values.js';
import { AUTOENCODER_PREFIX, autoencoderFinder, inferAutoencoder } from './autoencoder.js';
import { inferText, type TextFinder, textFinder, VIT_H } from './text.js';
import { inferUnet, unetFinder, unetKey } from './unet.js';
import { readYaml, type StatedConfig } from './yaml.js';

const BERT_VOCABULARY = join(modelsFolder, 'bert-tokenizer/vocab.txt');

const FORMATS = {
  safetensors: 'compvis-safetensors',
  gguf: 'compvis-gguf',
  'torch-zip': 'compvis-ckpt',
  'torch-legacy': 'compvis-ckpt',
} as const;

const ENCODER_NAMES = {
  clip: "CLIP's text encoder (Stable Diffusion 1.x)",
  openclip: "OpenCLIP's text encoder (Stable Diffusion 2.x)",
  bert: "LAION-400M's text encoder",
};

/** Side of the square pictures that LAION-400M's model was trained on. */
const LAION_SIDE = 256;

/** What a CompVis checkpoint contains: its architecture, its tensors by canonical name, and warnings. */
export interface CompVis {
  stated: StatedConfig;
  ema: boolean;
  encoder: TextFinder['kind'];
  text: WeightsModel['text'];
  unet: WeightsModel['unet'];
  /** Its own, unless another was given or is next to it; undefined if there is none at all. */
  autoencoder: FoundAutoencoder | undefined;
  parts: { text: Assembly; unet: Assembly };
  warnings: string[];
}

/**
 * Finds the networks in a single-file checkpoint (CompVis's key names).
 *
 * @throws CheckpointError if the UNet or the text encoder is not there.
 */
export async function understandCompVis(
  path: string,
  real: string,
  container: Container,
  options: OpenModelOptions,
): Promise<CompVis> {
  const other = otherKind(container.tensors);
  if (other) {
    const { name, code } = other;
    throw new CheckpointError(`${path}: this is ${name}. Easel paints with Stable Diffusion 1.x and 2.x checkpoints.`, {
      code,
    });
  }
  const stated = await statedConfig([path, real], options.config);
  const unetTensors = unetFinder(container.tensors, options.useEma ?? stated.useEma ?? false);
  const textTensors = textFinder(path, container.tensors);
  if (stated.encoder && stated.encoder !== textTensors.kind) {
    throw new CheckpointError(
      `${path}: the configuration asks for ${ENCODER_NAMES[stated.encoder]}, but in the file is ${ENCODER_NAMES[textTensors.kind]}. Does the configuration belong to this checkpoint?`,
      { code: 'wrongConfig' },
    );
  }
  const unet = { ...inferUnet(path, unetTensors.find), ...stated.unet };
  const inferred = { ...inferText(path, textTensors), ...stated.text };
  const text = textTensors.kind === 'openclip' ? withPenultimate(inferred, stated.lastLayer) : inferred;
  const scalingFactor = stated.autoencoder.scalingFactor ?? SD_V1_SCALING;
  const vae = options.vae ?? autoencoderBeside([path, real]);
  const autoencoder = vae === undefined ? own(path, container, stated) : await readAutoencoder(vae, scalingFactor);
  requireEven(path, { unet, text, ...(autoencoder && { autoencoder: autoencoder.config }) });
  return {
    stated,
    ema: unetTensors.ema,
    encoder: textTensors.kind,
    text,
    unet,
    autoencoder,
    parts: {
      text: assemble(path, textShapes(text), textTensors.find),
      unet: assemble(path, unetShapes(unet), (name) => unetTensors.find(unetKey(unet, name))),
    },
    warnings: [...container.warnings, ...(unetTensors.warning ? [`${path}: ${unetTensors.warning}.`] : [])],
  };
}

function own(path: string, { tensors }: Container, stated: StatedConfig): FoundAutoencoder | undefined {
  if (![...tensors.keys()].some((name) => name.startsWith(AUTOENCODER_PREFIX))) return undefined;
  const find = autoencoderFinder(tensors, AUTOENCODER_PREFIX);
  const config = { ...inferAutoencoder(path, find), ...stated.autoencoder };
  return { place: path, config, parts: assemble(path, autoencoderShapes(config), find), warnings: [] };
}

/** What to do about a checkpoint without one: many are published like that. */
export function withoutAutoencoder(path: string): string {
  const stem = basename(path, extname(path));
  return `${path}: there is no autoencoder (VAE) in it, which turns latents into pictures. Put one next to it as ${stem}.vae.safetensors.`;
}

/**
 * Opens a single-file checkpoint, .ckpt or .safetensors. Its other files may be next to it or next to a link to it.
 *
 * @param path as it was given; @param real the same with links resolved; @param container what was read from it.
 */
export async function openCompVis(
  path: string,
  real: string,
  container: Container,
  options: OpenModelOptions,
): Promise<WeightsModel> {
  const understood = await understandCompVis(path, real, container, options);
  const { stated, encoder, text, unet, parts, warnings } = understood;
  requireKnownInputs(path, unet.inChannels, unet.outChannels);
  requireComplete(path, 'UNet', parts.unet.missing);
  requireComplete(path, 'text encoder', parts.text.missing);
  if (!understood.autoencoder) throw new CheckpointError(withoutAutoencoder(path), { code: 'noAutoencoder' });
  warnings.push(...requireAutoencoder(understood.autoencoder, unet.outChannels));
  const autoencoder = understood.autoencoder.config;

  const own = await readCardBeside([path, real]);
  // What was named wins: a YAML that was given, then the card, then a YAML beside the file.
  const named = (options.config === undefined ? own.predictionType : undefined) ?? stated.predictionType;
  const guess = encoder === 'openclip' && purposeOfUnet(unet) !== 'inpaint';
  const schedule = await readSchedule([path, real], container, { ...stated, predictionType: named }, guess);
  if (schedule.guessed !== undefined) warnings.push(schedule.guessed);
  const globalStep: unknown = container.root instanceof Map ? container.root.get('global_step') : undefined;
  return {
    kind: 'weights',
    format: FORMATS[container.format],
    path: real,
    card: { ...cardOf(basename(real, extname(real)), encoder, schedule), ...trainedWith(container, encoder), ...own },
    hash: shortHash([real], options.cache),
    schedule,
    tokenizer:
      encoder === 'bert'
        ? { wordPieces: BERT_VOCABULARY }
        : { merges: CLIP_MERGES, ...(encoder === 'openclip' && { pad: '!' }) },
    maxTokens: text.maxPositions,
    downsampling: 2 ** (autoencoder.blockOutChannels.length - 1),
    latentChannels: autoencoder.latentChannels,
    scalingFactor: autoencoder.scalingFactor,
    latentMultiple: 2 ** (unet.blockOutChannels.length - 1),
    safetyChecker: await readSafetyChecker(options.safetyChecker, dirname(path), dirname(real)),
    ...(typeof globalStep === 'number' && { globalStep }),
    warnings,
    text,
    unet,
    autoencoder,
    weights: {
      text: parts.text.weights,
      unet: parts.unet.weights,
      autoencoder: understood.autoencoder.parts.weights,
    },
  };
}

function cardOf(name: string, encoder: TextFinder['kind'], { predictionType }: ScheduleConfig): ModelCard {
  if (encoder !== 'bert') return defaultCard(name, nativeSizeOf(predictionType));
  return {
    ...defaultCard(name, LAION_SIDE),
    licence: "its maker's: see where it was published",
    examples: ['a virus monster is playing guitar, oil on canvas', 'a painting of a squirrel eating a burger'],
  };
}

/** The CLIP skip that kohya's scripts write into what they train (sai_model_spec.py). What it counts from differs in 2.x. */
function trainedWith({ metadata }: Container, encoder: TextFinder['kind']): Pick<ModelCard, 'clipSkip'> {
  const said = metadata.get('modelspec.encoder_layer') ?? '';
  return encoder === 'clip' && /^([2-9]|1[0-2])$/.test(said) ? { clipSkip: Number(said) } : {};
}

/** A YAML of the same name next to the checkpoint is its configuration, as in AUTOMATIC1111. */
async function statedConfig(paths: readonly string[], chosen: string | undefined): Promise<StatedConfig> {
  const beside = paths.map((path) => `${path.slice(0, path.length - extname(path).length)}.yaml`);
  const file = chosen ?? beside.find((yaml) => existsSync(yaml));
  return file ? readYaml(file) : { unet: {}, autoencoder: {}, text: {} };
}

/** The checkpoint's own buffer wins, as in the reference, where it overwrites the computed one. */
async function readSchedule(
  paths: readonly [string, string],
  container: Container,
  stated: StatedConfig,
  guess: boolean,
): Promise<ScheduleConfig> {
  const buffer = container.tensors.get('alphas_cumprod');
  const betas = {
    ...SD_V1_BETAS,
    betaStart: stated.linearStart ?? SD_V1_BETAS.betaStart,
    betaEnd: stated.linearEnd ?? SD_V1_BETAS.betaEnd,
    timesteps: stated.timesteps ?? SD_V1_BETAS.timesteps,
  };
  const alphas =
    buffer && buffer.shape.length === 1 && buffer.shape[0] === betas.timesteps
      ? await readValues(buffer)
      : alphasCumprod(betas);
  const { predictionType, guessed } = stated.predictionType
    ? { predictionType: stated.predictionType }
    : predictionIn(paths, container, guess);
  const toPureNoise = stated.zeroTerminalSnr || saysZeroTerminalSnr(container);
  return {
    alphasCumprod: toPureNoise && predictionType === 'v_prediction' ? zeroTerminalSnr(alphas) : alphas,
    predictionType,
    ...(guessed !== undefined && { guessed }),
  };
}

/** An empty tensor of that name, which ComfyUI and AUTOMATIC1111 look for, or kohya's metadata. */
function saysZeroTerminalSnr({ tensors, metadata }: Container): boolean {
  return tensors.has('ztsnr') || metadata.get('ss_zero_terminal_snr') === 'True';
}

/** Steps that Stability AI's 2.0 base, which predicts noise, was trained for; diffusers knows it by them. */
const BASE_STEPS = 875_000;

/**
 * What the file says of itself. The tensors of SD 2.x do not show what it predicts: the 768 models, which predict v, have
 * 768 in their names.
 *
 * @param guess whether it may be either: SD 2.x, except for inpainting, which predicts noise.
 */
function predictionIn(
  paths: readonly [string, string],
  { metadata, tensors, root }: Container,
  guess: boolean,
): Pick<ScheduleConfig, 'predictionType' | 'guessed'> {
  const said = metadata.get('modelspec.prediction_type');
  if (tensors.has('v_pred') || said === 'v') return { predictionType: 'v_prediction' };
  const base = root instanceof Map && root.get('global_step') === BASE_STEPS;
  if (said === 'epsilon' || base || !guess) return { predictionType: 'epsilon' };
  const predictionType = paths.some((path) => /768|v-?pred/i.test(basename(path))) ? 'v_prediction' : 'epsilon';
  const stem = basename(paths[0], extname(paths[0]));
  const guessed = `${paths[0]}: Stable Diffusion 2.x files do not say what they predict; ${predictionType} is assumed from the name. If the pictures are wrong, put the configuration it came with next to it as ${stem}.yaml.`;
  return { predictionType, guessed };
}

/**
 * SD 2.x was trained on the last layer but one. The reference cuts the last off when it runs, not in its configuration: unless
 * that says `layer: last`. Files that diffusers' scripts wrote are without it.
 */
function withPenultimate(text: WeightsModel['text'], lastLayer = false): WeightsModel['text'] {
  const isWithout = text.hiddenSize === VIT_H.hiddenSize && text.layers === VIT_H.layers - 1;
  return lastLayer || isWithout ? text : { ...text, layers: text.layers - 1 };
}
