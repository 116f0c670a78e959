import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../../src/engine/checkpoint/describe.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import type { Weights } from '../../../src/engine/checkpoint/tensor.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { openTokenizer } from '../../../src/engine/text/open-tokenizer.js';
import { embedded } from '../../embedded.js';
import { oracle } from '../../oracle.js';
import { float32, type Made, takeApart, writeSafetensors } from './write-safetensors.js';

const NANO = oracle('ckpt/nano/nano-ema-only.safetensors');
const FULL = oracle('ckpt/nano/nano-full-ema-fp16.ckpt');
const YAML = oracle('ckpt/nano/v1-nano.yaml');
const CLIP = 'cond_stage_model.transformer.text_model.';
const OPENCLIP = 'cond_stage_model.model.';

let folder: string;
let nano: Map<string, Made>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-layouts-'));
  nano = await takeApart(NANO);
});
afterAll(() => rm(folder, { recursive: true }));

const open = async (path: string, options = {}) =>
  (await openModel(path, { config: YAML, ...options })) as WeightsModel;

async function digest(weights: Weights): Promise<{ tensors: number; sha256: string }> {
  const hash = createHash('sha256');
  for (const name of [...weights.keys()].sort()) {
    const values = await readValues(weights.get(name)!);
    hash.update(name).update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return { tensors: weights.size, sha256: hash.digest('hex') };
}

/** nano with its names and tensors changed: `change` gives the new entries for each old one. */
async function changed(name: string, change: (name: string, made: Made) => [string, Made][]): Promise<string> {
  const path = join(folder, name);
  await writeSafetensors(path, new Map([...nano].flatMap(([key, made]) => change(key, made))));
  return path;
}

describe('names and values are those of the conversion of the diffusers library', async () => {
  const canonical = JSON.parse(await readFile('test/fixtures/oracle/nano-canonical.json', 'utf8'));

  test.each(['text', 'unet', 'autoencoder'] as const)('%s', async (network) => {
    const { weights } = await open(NANO);
    expect(await digest(weights[network])).toEqual(canonical[network]);
  });

  test('the EMA weights of a full checkpoint, whose names have lost their dots', async () => {
    const { weights } = await open(FULL, { useEma: true });
    expect(await digest(weights.unet)).toEqual(canonical.unet);
    expect(await digest((await open(FULL)).weights.unet)).not.toEqual(canonical.unet);
  });

  test('a text encoder whose names lack text_model, without position_ids', async () => {
    const path = await changed('short-names.safetensors', (name, made) =>
      name.endsWith('position_ids') ? [] : [[name.replace(CLIP, 'cond_stage_model.transformer.'), made]],
    );
    expect(await digest((await open(path)).weights.text)).toEqual(canonical.text);
  });
});

test("a single file has no tokenizer: CLIP's own is used", async () => {
  const { tokenizer, maxTokens } = await open(NANO);
  expect(maxTokens).toBe(77);
  expect((await openTokenizer(tokenizer)).encode('a red apple')).toEqual([320, 736, 3055]);
});

describe('Stable Diffusion 2.x', () => {
  const RENAMES: [RegExp, string][] = [
    [/^embeddings\.token_embedding\.weight$/, 'token_embedding.weight'],
    [/^embeddings\.position_embedding\.weight$/, 'positional_embedding'],
    [/^encoder\.layers/, 'transformer.resblocks'],
    [/layer_norm1/, 'ln_1'],
    [/layer_norm2/, 'ln_2'],
    [/self_attn\.out_proj/, 'attn.out_proj'],
    [/mlp\.fc1/, 'mlp.c_fc'],
    [/mlp\.fc2/, 'mlp.c_proj'],
    [/^final_layer_norm/, 'ln_final'],
  ];

  /** As OpenCLIP's makers store it: one matrix for the three projections, and a last layer that is not used. */
  function asOpenclip(name: string, made: Made): [string, Made][] {
    if (!name.startsWith(CLIP)) return [[name, made]];
    const part = name.slice(CLIP.length);
    if (/position_ids$|\.[kv]_proj\./.test(part)) return [];
    const layer = /^encoder\.layers\.(\d+)\.self_attn\.q_proj\.(weight|bias)$/.exec(part);
    const whole = layer ? joined(['q', 'k', 'v'].map((p) => nano.get(name.replace('q_proj', `${p}_proj`))!)) : made;
    const key = layer
      ? `transformer.resblocks.${layer[1]}.attn.in_proj_${layer[2]}`
      : RENAMES.reduce((text, [from, to]) => text.replace(from, to), part);
    const last = key.startsWith('transformer.resblocks.1.')
      ? [[`${OPENCLIP}${key.replace('blocks.1', 'blocks.2')}`, whole] as [string, Made]]
      : [];
    return [[OPENCLIP + key, whole], ...last];
  }

  function joined(parts: Made[]): Made {
    const [rows, ...rest] = parts[0]!.shape;
    return {
      dtype: parts[0]!.dtype,
      shape: [rows! * 3, ...rest],
      bytes: Buffer.concat(parts.map(({ bytes }) => bytes)),
    };
  }

  test("has OpenCLIP's text encoder: its joined projections are taken apart, its last layer is left out", async () => {
    const path = await changed('sd2.safetensors', asOpenclip);
    const [model, expected] = [(await openModel(path)) as WeightsModel, (await openModel(NANO)) as WeightsModel];
    expect(await digest(model.weights.text)).toEqual(await digest(expected.weights.text));
    expect(model.text).toEqual({ ...expected.text, activation: 'gelu' });
    expect(model.tokenizer).toMatchObject({ pad: '!' });
  });

  test('whose prediction type no tensor reveals: the name does, with a warning', async () => {
    const model = await openModel(await changed('768-v-sd2.safetensors', asOpenclip));
    expect(model.schedule.predictionType).toBe('v_prediction');
    expect(model.card.nativeSize).toBe(768);
    expect(model.warnings).toEqual([expect.stringContaining('do not say what they predict')]);
  });
});

test('empty tensors say that it predicts v, down to pure noise', async () => {
  const empty = float32([0], new Float32Array(0));
  const path = await changed('noob.safetensors', (name, made) =>
    name === 'alphas_cumprod' || name.endsWith('input_blocks.0.0.bias')
      ? [
          [name, made],
          ['v_pred', empty],
          ['ztsnr', empty],
        ]
      : [[name, made]],
  );
  const { schedule, warnings } = await openModel(path);
  expect(schedule.predictionType).toBe('v_prediction');
  expect(schedule.alphasCumprod[999]).toBe(0);
  expect(warnings).toEqual([]);
});

test('a card beside the file says how to paint with it, else what is known of its name', async () => {
  const path = await changed('sd_turbo.safetensors', (name, made) => [[name, made]]);
  expect((await openModel(path)).card).toMatchObject({ steps: 1, scale: 1, sampler: 'euler', sigmas: 'trailing' });
  await writeFile(path.replace('.safetensors', '.easel.json'), JSON.stringify({ steps: 3, guidanceRescale: 0.5 }));
  expect((await openModel(path)).card).toMatchObject({ steps: 3, scale: 1, guidanceRescale: 0.5 });
});

test('a card may name its sampler as other programs do, but not one that there is not', async () => {
  const path = await changed('named.safetensors', (name, made) => [[name, made]]);
  const card = path.replace('.safetensors', '.easel.json');
  await writeFile(card, '{ "sampler": "DPM++ 2M Karras" }');
  expect((await openModel(path)).card).toMatchObject({ sampler: 'dpmpp_2m', sigmas: 'karras' });
  await writeFile(card, '{ "sampler": "best" }');
  await expect(openModel(path)).rejects.toThrow(/easel\.json.*sampler.*must be the name of a sampler/);
});

test('an inpainting checkpoint is known by its nine channels', async () => {
  const path = await changed('inpainting.safetensors', (name, made) =>
    name === 'model.diffusion_model.input_blocks.0.0.weight'
      ? [[name, float32([32, 9, 3, 3], new Float32Array(32 * 9 * 9))]]
      : [[name, made]],
  );
  const model = (await openModel(path)) as WeightsModel;
  expect(model.unet).toMatchObject({ inChannels: 9, outChannels: 4 });
});

describe('what cannot be painted with is refused by name', () => {
  test.each([
    ['Stable Diffusion XL', 'conditioner.embedders.0.transformer.text_model.final_layer_norm.weight'],
    ['Stable Diffusion 2.1 unCLIP', 'embedder.model.ln_final.weight'],
    ['Stable Diffusion 3', 'model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight'],
    ['Flux', 'double_blocks.0.img_attn.qkv.weight'],
    ['ControlNet', 'control_model.input_blocks.0.0.weight'],
    ['LoRA', 'lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight'],
    ['autoencoder', 'decoder.up.0.block.0.conv1.weight'],
  ])('%s', async (what, key) => {
    const path = join(folder, 'other.safetensors');
    await writeSafetensors(path, new Map([[key, float32([1], [0])]]));
    await expect(openModel(path)).rejects.toThrow(what);
  });
});

describe('a part that is missing', () => {
  test('of the UNet is named', async () => {
    const path = await changed('no-out.safetensors', (name, made) =>
      name.includes('output_blocks.3.0.skip') ? [] : [[name, made]],
    );
    await expect(open(path)).rejects.toThrow(/UNet lacks "up_blocks\.1\.resnets\.1\.conv_shortcut\.weight" and 1 more/);
  });

  test("the autoencoder's encoder only costs img2img", async () => {
    const path = await changed('pruned.safetensors', (name, made) =>
      /^first_stage_model\.(encoder|quant_conv)\./.test(name) ? [] : [[name, made]],
    );
    expect((await open(path)).warnings).toEqual([expect.stringContaining('img2img cannot be used')]);
  });
});

describe('another autoencoder', () => {
  const strip = (name: string, made: Made): [string, Made][] =>
    name.startsWith('first_stage_model.') ? [[name.slice('first_stage_model.'.length), made]] : [];

  test.each([
    ['alone in a file', () => changed('vae.safetensors', strip)],
    ['in a whole checkpoint', () => changed('whole.safetensors', (name, made) => [[name, made]])],
  ])('%s takes the place of the own one', async (_, make) => {
    const path = await make();
    const { weights, scalingFactor } = await open(FULL, { vae: path });
    expect(scalingFactor).toBe(0.18215);
    expect([...weights.autoencoder.values()].every(({ file }) => file === path)).toBe(true);
    expect(await digest(weights.autoencoder)).toEqual(await digest((await open(NANO)).weights.autoencoder));
  });

  test('in a diffusers folder brings its own scaling factor', async () => {
    const vae = join(folder, 'vae');
    await cp(oracle('ckpt/tiny/diffusers/vae'), vae, { recursive: true });
    const config = JSON.parse(await readFile(join(vae, 'config.json'), 'utf8'));
    await writeFile(join(vae, 'config.json'), JSON.stringify({ ...config, scaling_factor: 0.6179 }));
    const model = await open(NANO, { vae });
    expect(model.scalingFactor).toBe(0.6179);
    expect(model.downsampling).toBe(2 ** (config.block_out_channels.length - 1));
  });

  test('that is none is refused', async () => {
    await expect(open(NANO, { vae: 'test/fixtures/checkpoints/good.safetensors' })).rejects.toThrow(
      /autoencoder lacks/,
    );
  });
});

describe('a checkpoint without an autoencoder', () => {
  const without = (name: string) =>
    changed(name, (key, made) => (key.startsWith('first_stage_model.') ? [] : [[key, made]]));

  test('paints with one that is given', async () => {
    const path = await without('no-vae.safetensors');
    const options = { config: YAML, device: 'cpu' } as const;
    await using sd = await StableDiffusion.open(path, { ...options, vae: NANO });
    await using whole = await StableDiffusion.open(NANO, options);
    const request = { prompt: 'a cat', seed: 1, steps: 1, width: 64, height: 64 };
    expect((await sd.txt2img(request))[0]!.pixels).toEqual((await whole.txt2img(request))[0]!.pixels);
  });

  test.each(['safetensors', 'ckpt', 'pt'])('takes the one that lies beside it as .vae.%s', async (kind) => {
    const path = await without(`no-vae-${kind}.safetensors`);
    const vae = join(folder, `no-vae-${kind}.vae.${kind}`);
    await copyFile(NANO, vae);
    const { weights, warnings } = await open(path);
    expect([...weights.autoencoder.values()].every(({ file }) => file === vae)).toBe(true);
    expect(warnings).toEqual([]);
    const { missing, architecture } = await describeCheckpoint(path, { hash: false });
    expect([missing, architecture]).toEqual([[], expect.stringContaining('; autoencoder 32/')]);
  });

  test('says what is missing where there is none', async () => {
    const path = await without('alone.safetensors');
    const sentence = /no autoencoder \(VAE\) in it.*next to it as alone\.vae\.safetensors\.$/;
    await expect(open(path)).rejects.toMatchObject({
      message: expect.stringMatching(sentence),
      code: 'noAutoencoder',
    });
    const { architecture, missing, warnings, codes } = await describeCheckpoint(path, { hash: false });
    expect(architecture).toMatch(/^Stable Diffusion 1\.x; UNet .*; no autoencoder; text encoder/);
    expect([missing, codes]).toEqual([['the whole autoencoder'], ['noAutoencoder', 'noSafetyChecker']]);
    expect(warnings).toEqual([expect.stringMatching(sentence)]);
  });

  test('in a folder is treated the same', async () => {
    const path = join(folder, 'folder');
    await mkdir(path);
    for (const part of ['model_index.json', 'easel.json', 'scheduler', 'text_encoder', 'tokenizer', 'unet']) {
      await symlink(join(EMBEDDED_MODEL, part), join(path, part));
    }
    await expect(openModel(path)).rejects.toThrow(/there is no vae folder in it/);
    const model = (await openModel(path, { vae: join(EMBEDDED_MODEL, 'vae') })) as WeightsModel;
    expect(model.scalingFactor).toBe(embedded.scalingFactor);
    expect((await describeCheckpoint(path, { hash: false })).missing).toEqual(['the whole autoencoder']);
  });
});

test('a YAML of the same name beside the checkpoint is its configuration', async () => {
  const path = await changed('beside.safetensors', (name, made) => [[name, made]]);
  const alone = (await openModel(path)) as WeightsModel;
  await copyFile(YAML, path.replace('.safetensors', '.yaml'));
  const beside = (await openModel(path)) as WeightsModel;
  expect([alone.unet.heads, beside.unet.heads]).toEqual([
    [8, 8],
    [2, 2],
  ]);
});

describe('a UNet that reads more than latents is refused with what it is', () => {
  const withInputs = (channels: number) =>
    changed(`reads-${channels}.safetensors`, (name, made) => {
      const [width] = made.shape;
      const shape = [width!, channels, 3, 3];
      const wider = float32(shape, new Float32Array(width! * channels * 9));
      return [[name, name === 'model.diffusion_model.input_blocks.0.0.weight' ? wider : made]];
    });

  test.each([
    [5, /seems to be depth2img/],
    [7, /seems to be the x4 upscaler/],
    [6, /reads 6 channels; Easel gives it 4, 8 for editing or 9 for inpainting\. Choose another model/],
  ])('%i channels', async (channels, message) => {
    const path = await withInputs(channels);
    await expect(openModel(path)).rejects.toThrow(message);
    const { architecture, warnings } = await describeCheckpoint(path, { hash: false });
    expect([architecture, warnings]).toEqual(['not recognised', [expect.stringMatching(message)]]);
  });

  test.each([
    [8, 'for editing'],
    [9, 'for inpainting'],
  ])('%i channels, %s, are not', async (channels) => {
    expect(((await openModel(await withInputs(channels))) as WeightsModel).unet.inChannels).toBe(channels);
  });
});
