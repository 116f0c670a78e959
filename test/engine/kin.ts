import { readFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect } from 'vitest';
import { unetKey } from '../../src/engine/checkpoint/compvis/unet.js';
import { autoencoderShapes } from '../../src/engine/checkpoint/layout/autoencoder.js';
import { textShapes } from '../../src/engine/checkpoint/layout/text.js';
import { unetShapes } from '../../src/engine/checkpoint/layout/unet.js';
import type { Pixels } from '../../src/engine/image/pixels.js';
import type { AutoencoderConfig, TextEncoderConfig, UNetConfig } from '../../src/engine/model.js';
import { TorchGenerator } from '../../src/engine/random/torch.js';
import type { StableDiffusion } from '../../src/engine/stable-diffusion.js';
import { oracle, readNpy } from '../oracle.js';
import { float32, type Made, writeSafetensors } from './checkpoint/write-safetensors.js';

/**
 * Small models of Stable Diffusion's kin with random weights, which test/oracle/kin.py made as well, and what diffusers
 * painted with them.
 */
const FOLDER = join(import.meta.dirname, '../fixtures/kin');

export interface KinCase {
  id: string;
  model: KinName;
  steps: number;
  scale: number;
  seed: number;
  strength?: number;
  image_scale?: number;
  prediction_type?: 'epsilon' | 'v_prediction';
}

export const kin: {
  texts: { prompt: string; negative: string; instruction: string };
  ids: { v1: number[]; v2: number[] };
  cases: KinCase[];
} = JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8'));

/** Path of a golden. */
export const kinGolden = (name: string) => join(FOLDER, `${name}.npy`);

const WIDTH = 32;
const SIDE = 64;
const COMMON = {
  outChannels: 4,
  layersPerBlock: 1,
  attention: [true, false],
  transformerLayers: 1,
  crossAttentionDim: WIDTH,
  normGroups: 32,
  normEps: 1e-5,
};
const V1 = { ...COMMON, blockOutChannels: [32, 64], heads: [8, 8], linearProjection: false };
const V2 = { ...COMMON, blockOutChannels: [32, 128], heads: [1, 2], linearProjection: true };

const MODELS = {
  sd2: { unet: { ...V2, inChannels: 4 }, v2: true },
  'sd2-inpaint': { unet: { ...V2, inChannels: 9 }, v2: true },
  inpaint: { unet: { ...V1, inChannels: 9 }, v2: false },
  edit: { unet: { ...V1, inChannels: 8 }, v2: false },
} satisfies Record<string, { unet: UNetConfig; v2: boolean }>;

export type KinName = keyof typeof MODELS;

const AUTOENCODER: AutoencoderConfig = {
  inChannels: 3,
  outChannels: 3,
  latentChannels: 4,
  blockOutChannels: [32, 32, 32],
  layersPerBlock: 1,
  normGroups: 32,
  scalingFactor: 0.18215,
  midAttention: true,
};

function textConfig(v2: boolean, layers: number): TextEncoderConfig {
  return {
    hiddenSize: WIDTH,
    intermediateSize: 4 * WIDTH,
    layers,
    heads: 1,
    vocabSize: 49408,
    maxPositions: 77,
    activation: v2 ? 'gelu' : 'quick_gelu',
    layerNormEps: 1e-5,
  };
}

const TABLE = 'text_model.embeddings.token_embedding.weight';

function drawn(model: KinName, network: string, name: string, shape: readonly number[]): Made {
  const generator = new TorchGenerator(crc32(`${model}/${network}/${name}`));
  const [rows, ...rest] = shape as [number, ...number[]];
  const inputs = rest.reduce((product, side) => product * side, 1);
  if (name === TABLE) {
    const table = new Float32Array(rows * inputs);
    const ids = MODELS[model].v2 ? kin.ids.v2 : kin.ids.v1;
    const used = generator.randn(ids.length * inputs);
    ids.forEach((id, k) => {
      table.set(used.subarray(k * inputs, (k + 1) * inputs), id * inputs);
    });
    return float32(shape, table);
  }
  const values = generator.randn(rows * inputs);
  const mean = name.endsWith('weight') ? 1 : 0;
  return float32(
    shape,
    values.map((value) => (rest.length > 0 ? value / Math.sqrt(inputs) : mean + 0.1 * value)),
  );
}

type Shapes = ReadonlyMap<string, readonly number[]>;

function weights(model: KinName, network: string, shapes: Shapes): Map<string, Made> {
  return new Map([...shapes].map(([name, shape]) => [name, drawn(model, network, name, shape)]));
}

/** As diffusers' save_pretrained writes it. */
export async function writeKinFolder(
  path: string,
  model: KinName,
  predictionType: 'epsilon' | 'v_prediction' = 'epsilon',
): Promise<string> {
  const { unet, v2 } = MODELS[model];
  const text = textConfig(v2, 2);
  const component = async (part: string, config: object, tensors: Map<string, Made>, file: string) => {
    await mkdir(join(path, part), { recursive: true });
    await writeFile(join(path, part, 'config.json'), JSON.stringify(config));
    await writeSafetensors(join(path, part, file), tensors);
  };
  const clip = {
    hidden_size: WIDTH,
    intermediate_size: 4 * WIDTH,
    num_hidden_layers: text.layers,
    num_attention_heads: text.heads,
    hidden_act: text.activation,
  };
  await component('text_encoder', clip, weights(model, 'text', textShapes(text)), 'model.safetensors');
  const noise = {
    sample_size: 16,
    in_channels: unet.inChannels,
    block_out_channels: unet.blockOutChannels,
    layers_per_block: 1,
    cross_attention_dim: WIDTH,
    attention_head_dim: v2 ? unet.heads : 8,
    use_linear_projection: unet.linearProjection,
    down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  };
  const file = 'diffusion_pytorch_model.safetensors';
  await component('unet', noise, weights(model, 'unet', unetShapes(unet)), file);
  const vae = { block_out_channels: AUTOENCODER.blockOutChannels, layers_per_block: 1, scaling_factor: 0.18215 };
  await component('vae', vae, weights(model, 'vae', autoencoderShapes(AUTOENCODER)), file);

  const pipeline = { edit: 'InstructPix2Pix', inpaint: 'Inpaint', 'sd2-inpaint': 'Inpaint', sd2: '' }[model];
  await writeFile(
    join(path, 'model_index.json'),
    JSON.stringify({ _class_name: `StableDiffusion${pipeline}Pipeline` }),
  );
  await mkdir(join(path, 'scheduler'));
  const scheduler = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };
  await writeFile(
    join(path, 'scheduler/scheduler_config.json'),
    JSON.stringify({ ...scheduler, prediction_type: predictionType }),
  );
  await mkdir(join(path, 'tokenizer'));
  await copyFile(oracle('ckpt/tiny/diffusers/tokenizer/merges.txt'), join(path, 'tokenizer/merges.txt'));
  // As 2.x is published: the settings say one padding, and the map of special tokens, which wins, another.
  await writeFile(
    join(path, 'tokenizer/tokenizer_config.json'),
    JSON.stringify({ model_max_length: 77, pad_token: '<|endoftext|>' }),
  );
  await writeFile(
    join(path, 'tokenizer/special_tokens_map.json'),
    JSON.stringify({ pad_token: v2 ? '!' : '<|endoftext|>' }),
  );
  return path;
}

const OPENCLIP: readonly [RegExp, string][] = [
  [/^text_model\./, 'cond_stage_model.model.'],
  [/embeddings\.token_embedding\./, 'token_embedding.'],
  [/embeddings\.position_embedding\.weight$/, 'positional_embedding'],
  [/encoder\.layers/, 'transformer.resblocks'],
  [/layer_norm([12])/, 'ln_$1'],
  [/self_attn\.out_proj/, 'attn.out_proj'],
  [/self_attn\.q_proj\./, 'attn.in_proj_'],
  [/mlp\.fc1/, 'mlp.c_fc'],
  [/mlp\.fc2/, 'mlp.c_proj'],
  [/final_layer_norm/, 'ln_final'],
];

/** OpenCLIP's encoder: the three projections in one matrix, and a last layer that is not used. */
function asOpenclip(text: ReadonlyMap<string, Made>): [string, Made][] {
  return [...text].flatMap(([name, made]) => {
    if (/\.[kv]_proj\./.test(name)) return [];
    const all = ['q', 'k', 'v'].map((part) => text.get(name.replace('.q_proj.', `.${part}_proj.`))!);
    const [rows, ...rest] = made.shape;
    const whole = name.includes('.q_proj.')
      ? { ...made, shape: [3 * rows!, ...rest], bytes: Buffer.concat(all.map(({ bytes }) => bytes)) }
      : made;
    return [[OPENCLIP.reduce((key, [from, to]) => key.replace(from, to), name), whole]];
  });
}

/** As CompVis and Stability AI publish it; the autoencoder's names are diffusers', which is accepted too. */
export async function writeKinFile(
  path: string,
  model: KinName,
  more: readonly [string, Made][] = [],
): Promise<string> {
  const { unet, v2 } = MODELS[model];
  const text = weights(model, 'text', textShapes(textConfig(v2, v2 ? 3 : 2)));
  const prefixed = (prefix: string, tensors: ReadonlyMap<string, Made>, key = (name: string) => name) =>
    [...tensors].map(([name, made]) => [prefix + key(name), made] as const);
  await writeSafetensors(
    path,
    new Map([
      ...(v2 ? asOpenclip(text) : prefixed('cond_stage_model.transformer.', text)),
      ...prefixed('model.diffusion_model.', weights(model, 'unet', unetShapes(unet)), (name) => unetKey(unet, name)),
      ...prefixed('first_stage_model.', weights(model, 'vae', autoencoderShapes(AUTOENCODER))),
      ...more,
    ]),
  );
  return path;
}

/** The picture that kin.py paints from. */
export function kinPicture(): Pixels {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < data.length; i++) {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)];
    data[i] = (3 * x + 5 * y * (c + 1) + Math.floor((x * y) / 8)) % 256;
  }
  return { width: SIDE, height: SIDE, data };
}

/** Its mask, which does not lie on the latents' grid. */
export function kinMask(): Pixels {
  const data = new Uint8Array(SIDE * SIDE * 3);
  const inside = (x: number, y: number, by: number) => x >= 18 - by && x < 45 + by && y >= 21 - by && y < 50 + by;
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)];
    data[i] = inside(x, y, 0) ? 255 : inside(x, y, 1) ? 200 : inside(x, y, 2) ? 100 : 0;
  }
  return { width: SIDE, height: SIDE, data };
}

/** What diffusers' pipeline was asked for. */
export async function paintKin(sd: StableDiffusion, one: KinCase): Promise<Pixels> {
  const { model, steps, scale, seed, strength, image_scale: imageScale } = one;
  const { prompt, negative, instruction } = kin.texts;
  const generator = new TorchGenerator(seed);
  const request = { prompt, negative, steps, scale, generator, syntax: 'plain', sampler: 'ddim' } as const;
  const image = kinPicture();
  const paint = () => {
    if (model === 'edit') return sd.img2img({ ...request, prompt: instruction, image, imageScale });
    if (strength === undefined) return sd.txt2img({ ...request, width: SIDE, height: SIDE });
    return sd.inpaint({ ...request, image, mask: kinMask(), strength });
  };
  const [picture] = await paint();
  return picture!.pixels;
}

/** What it painted; of inpainting with the kept pixels put back, as Easel does. */
export function paintedByDiffusers({ id, model, strength }: KinCase): Uint8Array {
  const data = readNpy(kinGolden(id)).data as Uint8Array;
  if (model === 'edit' || strength === undefined) return data;
  const [image, mask] = [kinPicture(), kinMask()];
  return data.map((value, i) => {
    const m = mask.data[i]! / 255;
    return Math.round(m * value + (1 - m) * image.data[i]!);
  });
}

/** At most one step of brightness, where float32 lies on the edge between two. */
export function expectAlike(got: Pixels, want: Uint8Array): void {
  const off = got.data.map((value, i) => Math.abs(value - want[i]!));
  expect(Math.max(...off)).toBeLessThanOrEqual(1);
  expect(off.filter((by) => by > 0).length / off.length).toBeLessThan(0.02);
}
