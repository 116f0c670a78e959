import type { Weights } from './checkpoint/tensor.js';
import type { Scan } from './checkpoint/torch/scan.js';
import type { SpeedRequest } from './pipeline/speed.js';
import type { Spacing } from './samplers/spacing.js';
import type { SamplerName } from './samplers/table.js';

/** A pre-norm text transformer: CLIP's (Radford et al. 2021), in the terms of transformers' CLIPTextConfig, or LAION-400M's. */
export interface TextEncoderConfig {
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  /** Of queries, keys and values, all heads together; `hiddenSize` unless it is given. LAION-400M's encoder has 512. */
  attentionWidth?: number;
  /** False where queries, keys and values have no bias: LAION-400M. */
  attentionBias?: false;
  /** False where every token sees all others, padding too: LAION-400M. */
  causal?: false;
  vocabSize: number;
  /** Rows of the position embedding; a prompt has {@link Model.maxTokens} tokens, which may be fewer. */
  maxPositions: number;
  activation: 'quick_gelu' | 'gelu';
  layerNormEps: number;
}

/** The noise predictor, in the terms of diffusers' UNet2DConditionModel. Arrays run from the outermost level inwards. */
export interface UNetConfig {
  inChannels: number;
  outChannels: number;
  blockOutChannels: readonly number[];
  layersPerBlock: number;
  /** Whether the level has cross-attention, on the way down; the way up mirrors it. */
  attention: readonly boolean[];
  /** Attention heads per level (diffusers calls this attention_head_dim, for SD 1.x wrongly). */
  heads: readonly number[];
  /** Transformer blocks in one attention module. */
  transformerLayers: number;
  crossAttentionDim: number;
  normGroups: number;
  normEps: number;
  /** SD 2.x: proj_in and proj_out are matrices instead of 1x1 convolutions. */
  linearProjection: boolean;
  /** False for UNets distilled to fewer blocks (BK-SDM small and tiny, SDXS): nothing lies between the way down and the way up. */
  midBlock?: false;
  /** LCM: width of the guidance-scale embedding, if there is one. */
  timeCondDim?: number;
}

/** The autoencoder, in the terms of diffusers' AutoencoderKL. */
export interface AutoencoderConfig {
  /** TAESD (diffusers' AutoencoderTiny): one width at four levels, no norms, and latents in the sampler's scale. */
  tiny?: true;
  inChannels: number;
  outChannels: number;
  latentChannels: number;
  blockOutChannels: readonly number[];
  layersPerBlock: number;
  normGroups: number;
  /** Latents are the posterior sample times this: 0.18215 for SD v1. */
  scalingFactor: number;
  midAttention: boolean;
}

/** The training noise schedule. */
export interface ScheduleConfig {
  /** float32, one per training timestep (1000). Taken from the checkpoint's buffer if it has one. The last may be 0. */
  alphasCumprod: Float32Array;
  predictionType: 'epsilon' | 'v_prediction';
  /** The warning of a file that does not say what it predicts: it was guessed from the name; see predictionOf. */
  guessed?: string;
}

/** The files of CLIP's byte-pair encoding. */
export interface BytePairFiles {
  /** merges.txt, which also determines the vocabulary unless `vocab` is given; or a tokenizer.json, which has both. */
  merges: string;
  vocab?: string;
  /** The token that pads a prompt to {@link Model.maxTokens}; `<|endoftext|>` by default (SD 2.x: `!`). */
  pad?: string;
  /** Tokens that were added to the vocabulary, and words of textual inversion, each with the ids of its vectors. */
  words?: ReadonlyMap<string, number[]>;
}

/** BERT's vocabulary, which the LAION-400M model reads. */
export interface WordPieceFiles {
  /** vocab.txt: a token a line, in the order of their ids. */
  wordPieces: string;
  /** Words of textual inversion, each with the ids of its vectors. */
  words?: ReadonlyMap<string, number[]>;
}

export type TokenizerFiles = BytePairFiles | WordPieceFiles;

/** What a model's authors say about it: `easel.json` next to model_index.json, or SD v1's published defaults. */
export interface ModelCard extends SpeedRequest {
  name: string;
  /** Side of the square pictures it was trained on, in pixels. */
  nativeSize: number;
  scale: number;
  /** 0..1: how far guidance is brought back to the contrast of the prompt's own prediction (Lin et al. 2023, section 3.4). */
  guidanceRescale?: number;
  /** Of a model that edits pictures: how far the result keeps to the picture. */
  imageScale?: number;
  /** 1 takes the text encoder's last layer, n the n-th from the end: what a fine-tune was trained with. */
  clipSkip?: number;
  /** What the noise predictor predicts, where its own files do not say or say it wrongly. */
  predictionType?: ScheduleConfig['predictionType'];
  steps: number;
  sampler: SamplerName;
  /** Spacing of its noise levels; its own by default. */
  sigmas?: Spacing;
  /** Strength of enlarging, 0..1; 0 for a model that cannot paint beyond its native size. */
  upscaleStrength: number;
  /** Name of the upscaler that was trained on its pictures, if there is one: it enlarges them where nobody names another. */
  upscaler?: string;
  /** Shown in /help and `easel models`. */
  licence: string;
  /** False if its authors say that it cannot paint what a safety checker looks for. */
  needsSafetyChecker: boolean;
  /** Prompts that it paints well, for the first run. */
  examples: readonly string[];
  /** Names of the things it can paint, if there is such a list; a notice names what else a prompt asks for. */
  knows?: readonly string[];
  /** Other words it understands: colours, numbers, places. */
  modifiers?: readonly string[];
}

interface ModelBase {
  /** The path that was opened, links resolved. */
  readonly path: string;
  readonly card: ModelCard;
  /** First 10 hex digits of a SHA-256, as AUTOMATIC1111 writes "Model hash"; computed when first asked for. */
  hash(): Promise<string>;
  readonly schedule: ScheduleConfig;
  readonly tokenizer: TokenizerFiles;
  /** Tokens in one prompt, begin and end included: 77 for CLIP, 32 for the embedded model. */
  readonly maxTokens: number;
  /** Pixels per latent: 8 for SD v1, 2 to the power of the autoencoder's levels - 1. */
  readonly downsampling: number;
  readonly latentChannels: number;
  readonly scalingFactor: number;
  /** Latent sides must be multiples of this: 2 to the power of the UNet's levels - 1. */
  readonly latentMultiple: number;
  readonly safetyChecker?: { weights: Weights; config: unknown };
  /** Training steps, if the checkpoint has them (Lightning's files do). */
  readonly globalStep?: number;
  /** For people to read: missing keys, ignored files. */
  readonly warnings: readonly string[];
  /** What the pickles in it name, if it was opened to know it, and may hold any. */
  readonly scan?: Scan;
}

/** A model with weights, for which Easel builds the graphs. */
export interface WeightsModel extends ModelBase {
  readonly kind: 'weights';
  readonly format: 'diffusers' | 'compvis-ckpt' | 'compvis-safetensors' | 'compvis-gguf';
  readonly text: TextEncoderConfig;
  readonly unet: UNetConfig;
  readonly autoencoder: AutoencoderConfig;
  readonly weights: { text: Weights; unet: Weights; autoencoder: Weights };
}

/** A diffusers ONNX folder (OnnxStableDiffusionPipeline's layout): four graphs made elsewhere. */
export interface OnnxModel extends ModelBase {
  readonly kind: 'onnx';
  readonly format: 'onnx';
  readonly files: { text: string; unet: string; decoder: string; encoder?: string };
}

export type Model = WeightsModel | OnnxModel;
