import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { readBytes, readValues } from '../../../src/engine/checkpoint/values.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import { delta } from '../../../src/engine/lora/delta.js';
import { withMatmul } from '../../../src/engine/lora/matmul.js';
import { withLora } from '../../../src/engine/lora/merge.js';
import { readLora } from '../../../src/engine/lora/read.js';
import { targetsOf } from '../../../src/engine/lora/targets.js';
import type { Model, WeightsModel } from '../../../src/engine/model.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { embedded, latentShape } from '../../embedded.js';
import { float32, type Made, writeSafetensors } from '../checkpoint/write-safetensors.js';

const FOLDER = 'test/fixtures/lora';
const LINEAR = 'down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight';

interface Golden {
  size: number;
  sum: number;
  absolute: number;
  values: [number, number][];
}

/** Written by test/fixtures/lora/make.py with PyTorch. */
const golden: Record<string, Record<string, Golden>> = JSON.parse(readFileSync(join(FOLDER, 'golden.json'), 'utf8'));

let model: WeightsModel;
beforeAll(async () => {
  model = (await openModel(EMBEDDED_MODEL)) as WeightsModel;
});

const valuesOf = (from: WeightsModel, network: 'unet' | 'text', name: string) =>
  readValues(from.weights[network].get(name)!);
const file = (name: string) => join(FOLDER, name);

/** The UNet's answer to fixed latents and words. */
async function noiseOf(painter: Model): Promise<Float32Array> {
  await using networks = networksOn('cpu', painter);
  const wave = (length: number) => Float32Array.from({ length }, (_, k) => Math.sin(k));
  const shape = latentShape();
  const latents = { data: wave(shape.reduce((product, side) => product * side)), shape };
  const context = { data: wave(32 * 192), shape: [1, 32, 192] };
  return (await networks.predictNoise(latents, Float32Array.of(500), context)).data;
}

describe('what a file adds to the weights is what PyTorch computes', () => {
  test.each(Object.keys(golden))('%s', async (name) => {
    const { modules } = await readLora(file(name));
    const find = targetsOf(model);
    const wanted = golden[name]!;
    const seen = await withMatmul(async (multiply) => {
      const seen: string[] = [];
      for (const [module, parts] of modules) {
        const target = find(module)!;
        const key = `${target.network} ${target.name}`;
        const { size, sum, absolute, values } = wanted[key]!;
        const { shape } = model.weights[target.network].get(`${target.name}.weight`)!;
        const change = await delta(parts, { values: new Float32Array(size), shape }, multiply);
        const scale = absolute / size;
        expect(Math.abs(change.reduce((total, value) => total + value, 0) - sum)).toBeLessThan(1e-4 * absolute);
        expect(change.reduce((total, value) => total + Math.abs(value), 0) / absolute).toBeCloseTo(1, 4);
        for (const [k, value] of values) expect(Math.abs(change[k]! - value)).toBeLessThan(1e-4 * scale);
        seen.push(key);
      }
      return seen;
    });
    expect(seen.sort()).toEqual(Object.keys(wanted).sort());
  });
});

describe('merging', () => {
  test('adds the change times the weight, rounded as the checkpoint is, and leaves all other weights where they are', async () => {
    const merged = await withLora(model, [{ file: file('kohya.safetensors'), weight: 0.5 }]);
    const before = await valuesOf(model, 'unet', LINEAR);
    const after = await valuesOf(merged, 'unet', LINEAR);
    for (const [k, value] of golden['kohya.safetensors']![`unet ${LINEAR.replace('.weight', '')}`]!.values) {
      expect(Math.abs(after[k]! - (before[k]! + 0.5 * value))).toBeLessThan(2 ** -10 * Math.abs(after[k]!) + 1e-6);
    }
    const touched = [...merged.weights.unet].filter(([name, tensor]) => tensor !== model.weights.unet.get(name));
    expect(touched.map(([, { dtype, bytes }]) => [dtype, bytes !== undefined])).toEqual([
      ['F16', true],
      ['F16', true],
      ['F16', true],
    ]);
    expect(merged.weights.autoencoder).toBe(model.weights.autoencoder);
  });

  test('several files add up, in any order', async () => {
    const [a, b] = [
      { file: file('kohya.safetensors'), weight: 0.8 },
      { file: file('lokr.safetensors'), weight: -0.3 },
    ];
    const first = await valuesOf(await withLora(model, [a, b]), 'unet', LINEAR);
    const second = await valuesOf(await withLora(model, [b, a]), 'unet', LINEAR);
    const base = await valuesOf(model, 'unet', LINEAR);
    // At most one step of a half-precision number apart, which has a least size.
    const apart = [...first].filter((value, k) => Math.abs(value - second[k]!) > 2 ** -10 * Math.abs(value) + 2 ** -24);
    expect(apart).toEqual([]);
    expect(first).not.toEqual(base);
  });

  test('predicts the noise that a checkpoint with the merged weights in it predicts', async () => {
    const merged = await withLora(model, [{ file: file('kohya.safetensors'), weight: 1 }]);
    const folder = await mkdtemp(join(tmpdir(), 'easel-merged-'));
    try {
      await cp(EMBEDDED_MODEL, folder, { recursive: true });
      const made = new Map<string, Made>();
      for (const [name, tensor] of merged.weights.unet) {
        made.set(name, { dtype: tensor.dtype, shape: tensor.shape, bytes: await readBytes(tensor) });
      }
      await writeSafetensors(join(folder, 'unet/diffusion_pytorch_model.safetensors'), made);
      const [plain, inMemory, inFile] = await Promise.all([model, merged, await openModel(folder)].map(noiseOf));
      expect(inMemory).toEqual(inFile);
      expect(inMemory).not.toEqual(plain);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a weight of 0 changes nothing', async () => {
    expect(await withLora(model, [{ file: file('kohya.safetensors'), weight: 0 }])).toBe(model);
  });

  test('does not touch the checkpoint', async () => {
    const path = join(EMBEDDED_MODEL, 'unet/diffusion_pytorch_model.safetensors');
    const before = await readFile(path);
    await withLora(model, [{ file: file('loha.safetensors'), weight: 1 }]);
    expect((await readFile(path)).equals(before)).toBe(true);
  });
});

describe('names of other programs', () => {
  const target = 'mid_block.attentions.0.transformer_blocks.0.attn1.to_q';
  test.each([
    ['ComfyUI', 'diffusion_model.middle_block.1.transformer_blocks.0.attn1.to_q'],
    ['CompVis', 'model.diffusion_model.middle_block.1.transformer_blocks.0.attn1.to_q'],
    ['kohya, by CompVis', 'lora_unet_middle_block_1_transformer_blocks_0_attn1_to_q'],
    ["kohya's OFT", `oft_unet_${target.replaceAll('.', '_')}`],
    ['SimpleTuner', `lycoris_${target.replaceAll('.', '_')}`],
    ['PEFT', `base_model.model.${target}`],
    ['PEFT with the network', `base_model.model.unet.${target}`],
  ])('of the UNet: %s', (_, name) => {
    expect(targetsOf(model)(name)).toEqual({ network: 'unet', name: target });
  });

  const layer = 'text_model.encoder.layers.1.self_attn.q_proj';
  test.each([
    ['ComfyUI', `text_encoders.clip_l.transformer.${layer}`],
    ['CompVis', `cond_stage_model.transformer.${layer}`],
    ['kohya', `lora_te_${layer.replaceAll('.', '_')}`],
    ['kohya for XL', `lora_te1_${layer.replaceAll('.', '_')}`],
    ['transformers', layer],
    ['PEFT', `base_model.model.${layer}`],
  ])('of the text encoder: %s', (_, name) => {
    expect(targetsOf(model)(name)).toEqual({ network: 'text', name: layer });
  });

  test.each([
    `lora_te2_${layer.replaceAll('.', '_')}`,
    `text_encoder_2.${layer}`,
    `text_encoders.clip_g.transformer.${layer}`,
  ])('of the second text encoder that XL has are not taken for the first: %s', (name) => {
    expect(targetsOf(model)(name)).toBeUndefined();
  });
});

describe('a model with more channels at its entrance', () => {
  const own = embedded.latentChannels;
  /** As for inpainting: beside the latents that all models have a mask, and the latents of what it leaves. */
  const all = 2 * own + 1;

  async function inpainting(): Promise<WeightsModel> {
    const tensor = model.weights.unet.get('conv_in.weight')!;
    const [outputs] = tensor.shape as [number];
    const values = Float32Array.from({ length: outputs * all * 9 }, (_, k) => Math.sin(k));
    const bytes = new Uint8Array(values.buffer);
    const wide = { ...tensor, dtype: 'F32' as const, shape: [outputs, all, 3, 3], bytes };
    const unet = new Map(model.weights.unet).set('conv_in.weight', wide);
    return { ...model, unet: { ...model.unet, inChannels: all }, weights: { ...model.weights, unet } };
  }

  async function changesIn(inputs: number): Promise<Float32Array> {
    const wide = await inpainting();
    const before = await valuesOf(wide, 'unet', 'conv_in.weight');
    const outputs = before.length / (9 * all);
    const folder = await mkdtemp(join(tmpdir(), 'easel-wide-'));
    try {
      const path = join(folder, 'wide.safetensors');
      const up = float32([outputs, 1, 1, 1], Array<number>(outputs).fill(1));
      const down = float32([1, inputs, 3, 3], Array<number>(inputs * 9).fill(2));
      const tensors = { 'lora_unet_conv_in.lora_up.weight': up, 'lora_unet_conv_in.lora_down.weight': down };
      await writeSafetensors(path, new Map(Object.entries(tensors)));
      const merged = await withLora(wide, [{ file: path, weight: 1 }]);
      return (await valuesOf(merged, 'unet', 'conv_in.weight')).map((value, k) => value - before[k]!);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test('has the change of a LoRA for ordinary models in those of the latents', async () => {
    const change = await changesIn(own);
    expect(change.every((value, k) => Math.abs(value - (k % (9 * all) < 9 * own ? 2 : 0)) < 1e-6)).toBe(true);
  });

  test('has all of the change of a LoRA for such models', async () => {
    expect((await changesIn(all)).every((value) => Math.abs(value - 2) < 1e-6)).toBe(true);
  });

  test('does not take one more than the latents have', async () => {
    await expect(changesIn(own + 1)).rejects.toThrow(/conv_in" does not fit this model/);
  });
});

describe('a file that does not belong', () => {
  async function withFile(change: (bytes: Buffer) => Buffer, check: (path: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'easel-lora-'));
    try {
      const path = join(folder, 'changed.safetensors');
      await writeFile(path, change(await readFile(file('kohya.safetensors'))));
      await check(path);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** Replaces text in the header by text of the same length. */
  const inHeader = (from: string, to: string) => (bytes: Buffer) =>
    Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');

  test('to this model at all is refused', async () => {
    await withFile(
      (bytes) => inHeader('lora_te_', 'lora_xy_')(inHeader('lora_unet_', 'lora_xnet_')(bytes)),
      async (path) => {
        await expect(withLora(model, [{ file: path, weight: 1 }])).rejects.toThrow(/nothing in it fits this model/);
      },
    );
  });

  test('in part is merged as far as it does, with a warning', async () => {
    await withFile(inHeader('lora_unet_', 'lora_xnet_'), async (path) => {
      const merged = await withLora(model, [{ file: path, weight: 1 }]);
      expect(merged.warnings).toEqual([expect.stringMatching(/3 of 4 modules are not in this model/)]);
    });
  });

  test('because it is a checkpoint is refused', async () => {
    const path = join(EMBEDDED_MODEL, 'text_encoder/model.safetensors');
    await expect(withLora(model, [{ file: path, weight: 1 }])).rejects.toThrow(/is not part of a LoRA/);
  });

  test('because it was made for another width is refused, with the module', async () => {
    await withFile(inHeader('[192,4,1,1]', '[4,192,1,1]'), async (path) => {
      const merged = withLora(model, [{ file: path, weight: 1 }]);
      await expect(merged).rejects.toThrow(/conv1" does not fit this model/);
      await expect(merged).rejects.toBeInstanceOf(CheckpointError);
    });
  });
});
