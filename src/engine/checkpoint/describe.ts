import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CheckpointError, type ErrorCode } from '../errors.js';
import { filesBelow, sumOfBytes } from '../files-below.js';
import { checkLora } from '../lora/check.js';
import type { ModelCard, WeightsModel } from '../model.js';
import { type Abilities, abilitiesOf, purposeOfUnet } from '../purpose.js';
import { elements } from '../shape.js';
import { type Assembly, requireKnownInputs } from './assemble.js';
import { defaultCard, readCard } from './card.js';
import { readComponent } from './component.js';
import { understandCompVis, withoutAutoencoder } from './compvis/open.js';
import { type Container, type ContainerFormat, readContainer } from './container.js';
import { understandDiffusers } from './diffusers.js';
import { vectorsOf } from './embedding-file.js';
import { fileOfFolder, isModelFolder, refuseOtherPipelines } from './folder.js';
import type { FoundAutoencoder } from './found-autoencoder.js';
import { sha256 } from './hash.js';
import { EMBEDDING, LORA, type OtherKind, otherKind } from './kinds.js';
import { isEncoderTensor } from './layout/autoencoder.js';
import { isOnnxFolder, openOnnxFolder } from './onnx-folder.js';
import { safetyCheckerIn } from './safety.js';
import { unreadable } from './source.js';
import type { StoredTensor } from './tensor.js';

/** What `easel inspect` and `easel models` show about a model. Texts are for people. */
export interface CheckpointDescription {
  format: string;
  architecture: string;
  /** The dtypes, with their shares of the elements. */
  precision: string;
  /** Whether it has trained weights, averaged weights or both. */
  ema: string;
  /** Of the whole file or folder. */
  bytes: number;
  tensors: number;
  /** Canonical names of tensors that the architecture asks for; empty if the model is whole. */
  missing: string[];
  /** Names of tensors that are not used. */
  unexpected: string[];
  warnings: string[];
  /** Of a model: whether pictures painted with it are checked. */
  safetyChecker?: 'present' | 'missing' | 'not needed' | 'ONNX folders are not checked';
  /** Of a model: what it paints from, and what its prompt says. */
  abilities?: Abilities;
  /** What can be done about what it is or lacks. */
  codes: ErrorCode[];
  /** Of the file; of the UNet's weights for a folder. Only when asked for: it reads everything. */
  sha256?: string;
  /** AUTOMATIC1111's short hash: the first ten digits. */
  hash?: string;
}

const FORMATS: Record<ContainerFormat, string> = {
  safetensors: 'safetensors file',
  gguf: 'GGUF file',
  'torch-zip': 'PyTorch checkpoint (zip)',
  'torch-legacy': 'PyTorch checkpoint (before 1.6)',
};

/** Found in every CompVis checkpoint, and not needed for painting. */
const HARMLESS =
  /^(model_ema\.|betas$|alphas_cumprod|sqrt_|log_one_minus_|posterior_|logvar$|v_pred$|ztsnr$)|position_ids$|^cond_stage_model\.(logit_scale|transformer\.to_logits\.|model\.(logit_scale$|text_projection$|attn_mask$|transformer\.resblocks\.))/;

/**
 * Describes a checkpoint file or a model's folder from names and shapes, in bounded memory.
 *
 * @param options.hash also compute the SHA-256 and compare all checksums, which reads the whole file.
 * @throws CheckpointError if it is damaged or hostile, or is an addition to a checkpoint that cannot be used. An intact
 *   file that is not a model is described as what it is.
 */
export async function describeCheckpoint(path: string, options: { hash: boolean }): Promise<CheckpointDescription> {
  const real = await realpath(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  const folder = (await stat(real)).isDirectory();
  if (folder && !isModelFolder(real)) return describeCheckpoint(await fileOfFolder(real), options);
  const { hashed, ...description } = folder ? await describeFolder(real) : await describeFile(path, real, options.hash);
  if (!options.hash) return description;
  const digits = await sha256(hashed);
  return { ...description, sha256: digits, hash: digits.slice(0, 10) };
}

type Described = CheckpointDescription & { hashed: string[] };

async function describeFile(path: string, real: string, verify: boolean): Promise<Described> {
  const container = await readContainer(path, { verify });
  const tensors = [...container.tensors.values()];
  const base = {
    format: FORMATS[container.format],
    precision: precision(tensors),
    bytes: (await stat(path)).size,
    tensors: tensors.length,
    hashed: [path],
  };
  const other = otherKind(container.tensors);
  if (other) {
    const { content, warnings } = await companion(other, path, container, verify);
    const architecture = content ? `${other.name}; ${content}` : other.name;
    return {
      ...base,
      architecture,
      ema: 'none',
      missing: [],
      unexpected: [],
      warnings: [...container.warnings, ...warnings],
      codes: other.code ? [other.code] : [],
    };
  }
  try {
    const model = await understandCompVis(path, real, container, {});
    requireKnownInputs(path, model.unet.inChannels, model.unet.outChannels);
    return {
      ...base,
      format: `CompVis layout, ${base.format}`,
      architecture: architecture(model, FAMILIES[model.encoder]),
      ema: emaOf(container),
      missing: missing(model),
      abilities: abilities(model),
      unexpected: unexpected(container.tensors, model),
      warnings: model.autoencoder ? model.warnings : [...model.warnings, withoutAutoencoder(path)],
      ...lacks(model, safetyOf([dirname(path), dirname(real)], defaultCard(path))),
    };
  } catch (error) {
    // Readable, but not a Stable Diffusion model: that is a description, not a failure.
    if (!(error instanceof CheckpointError)) throw error;
    const lack = 'one or more of the three networks';
    return {
      ...base,
      architecture: 'not recognised',
      ema: 'none',
      missing: [lack],
      unexpected: [],
      warnings: [...container.warnings, error.message],
      codes: error.code ? [error.code] : [],
    };
  }
}

/** Refuses an unusable addition with the same message as when it is used. */
async function companion(kind: OtherKind, path: string, container: Container, values: boolean) {
  if (kind === LORA) return checkLora(path, container, values);
  if (kind === EMBEDDING) await vectorsOf(path, container.tensors);
  return { content: '', warnings: [] };
}

async function describeFolder(path: string): Promise<Described> {
  await refuseOtherPipelines(path);
  const bytes = sumOfBytes(await filesBelow(path));
  if (isOnnxFolder(path)) {
    const { warnings, files, card } = await openOnnxFolder(path, {});
    const abilities = abilitiesOf('paint', files.encoder !== undefined);
    return {
      format: 'diffusers folder, ONNX',
      architecture: 'as its four graphs have it',
      precision: 'as its graphs have it',
      ema: 'one set of weights',
      bytes,
      tensors: 0,
      missing: [],
      unexpected: [],
      warnings: [...warnings],
      safetyChecker: card.needsSafetyChecker ? 'ONNX folders are not checked' : 'not needed',
      abilities,
      codes: [],
      hashed: [files.unet],
    };
  }
  const model = await understandDiffusers(path, {});
  requireKnownInputs(path, model.unet.inChannels, model.unet.outChannels);
  const { files } = model;
  const components = [
    files.text,
    files.unet,
    ...(existsSync(join(path, 'vae')) ? [await readComponent(join(path, 'vae'))] : []),
  ];
  const tensors = new Map(
    components.flatMap(({ folder, tensors }) =>
      [...tensors].map(([name, tensor]) => [join(folder, name), tensor] as const),
    ),
  );
  const inFolder = [...tensors].map(([name, tensor]) => [name.slice(path.length + 1), tensor] as const);
  return {
    format: 'diffusers folder',
    architecture: architecture(model, FAMILIES[model.text.activation === 'gelu' ? 'openclip' : 'clip']),
    precision: precision([...tensors.values()]),
    ema: 'one set of weights',
    bytes,
    tensors: tensors.size,
    missing: missing(model),
    abilities: abilities(model),
    unexpected: unexpected(new Map(inFolder), model),
    warnings: components.flatMap(({ warnings }) => warnings),
    ...lacks(model, safetyOf([path], await readCard(path, defaultCard(basename(path))))),
    hashed: model.files.unet.files,
  };
}

type Understood = Pick<WeightsModel, 'unet' | 'text'> & {
  parts: { text: Assembly; unet: Assembly };
  autoencoder: FoundAutoencoder | undefined;
};

function missing({ parts: { unet, text }, autoencoder }: Understood): string[] {
  const decoder = autoencoder?.parts.missing.map((name) => `autoencoder ${name}`) ?? ['the whole autoencoder'];
  return [
    ...unet.missing.map((name) => `unet ${name}`),
    ...decoder,
    ...text.missing.map((name) => `text encoder ${name}`),
  ];
}

function abilities({ unet, autoencoder }: Understood): Abilities {
  const encodes = autoencoder !== undefined && !autoencoder.parts.missing.some(isEncoderTensor);
  return abilitiesOf(purposeOfUnet(unet), encodes);
}

type SafetyState = CheckpointDescription['safetyChecker'];

function safetyOf(places: readonly string[], { needsSafetyChecker }: ModelCard): SafetyState {
  return safetyCheckerIn(...places) ? 'present' : needsSafetyChecker ? 'missing' : 'not needed';
}

function lacks({ autoencoder }: Understood, safetyChecker: SafetyState) {
  const codes: ErrorCode[] = [];
  if (!autoencoder) codes.push('noAutoencoder');
  if (safetyChecker === 'missing') codes.push('noSafetyChecker');
  return { safetyChecker, codes };
}

/** Names whose bytes no network uses. A matrix that is split in three counts as used by its first third. */
function unexpected(tensors: ReadonlyMap<string, StoredTensor>, { parts, autoencoder }: Understood): string[] {
  const place = ({ file, offset }: StoredTensor) => `${offset} ${file}`;
  const assemblies = [parts.text, parts.unet, ...(autoencoder ? [autoencoder.parts] : [])];
  const used = new Set(assemblies.flatMap(({ weights }) => [...weights.values()].map(place)));
  return [...tensors]
    .filter(([name, tensor]) => !used.has(place(tensor)) && !HARMLESS.test(name))
    .map(([name]) => name);
}

/** By the text encoder. */
const FAMILIES = {
  clip: 'Stable Diffusion 1.x',
  openclip: 'Stable Diffusion 2.x',
  bert: 'LAION-400M (text2img-large)',
};

function architecture({ unet, text, parts, autoencoder }: Understood, family: string): string {
  const count = ({ weights }: Assembly) =>
    [...weights.values()].reduce((sum, { shape }) => sum + elements(shape), 0).toLocaleString('en');
  const kind = { paint: '', inpaint: ' for inpainting', edit: ' for editing' }[purposeOfUnet(unet)];
  return [
    `${family}${kind}`,
    `UNet ${unet.blockOutChannels.join('/')} (${count(parts.unet)} parameters)`,
    autoencoder
      ? `autoencoder ${autoencoder.config.blockOutChannels.join('/')} (${count(autoencoder.parts)})`
      : 'no autoencoder',
    `text encoder ${text.layers}x${text.hiddenSize} (${count(parts.text)})`,
  ].join('; ');
}

function precision(tensors: readonly StoredTensor[]): string {
  const counts = new Map<string, number>();
  for (const { dtype, blocks = dtype, shape } of tensors) {
    counts.set(blocks, (counts.get(blocks) ?? 0) + elements(shape));
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const shares = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([dtype, count]) => [dtype, (100 * count) / total] as const);
  if (shares.length === 1) return shares[0]![0];
  return shares.map(([dtype, share]) => `${dtype} ${share < 1 ? '<1' : Math.round(share)}%`).join(', ');
}

function emaOf({ tensors }: Container): string {
  const trained = tensors.has('model.diffusion_model.out.2.weight');
  const averaged = tensors.has('model_ema.diffusion_modelout2weight');
  if (trained && averaged) return 'both: trained (used unless use_ema is set) and EMA weights';
  if (averaged) return 'EMA weights only, under model_ema';
  return tensors.has('model_ema.decay') ? 'EMA weights only' : 'one set of weights; the file does not say which';
}
