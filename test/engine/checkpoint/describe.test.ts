import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../../src/engine/checkpoint/describe.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import { embedded } from '../../embedded.js';
import { oracle } from '../../oracle.js';
import { float32, takeApart, writeSafetensors } from './write-safetensors.js';

const NANO = oracle('ckpt/nano/nano-ema-only.safetensors');
const FULL = oracle('ckpt/nano/nano-full-ema-fp16.ckpt');

describe('a checkpoint is described by', () => {
  test('its container, architecture, precision and size', async () => {
    expect(await describeCheckpoint(NANO, { hash: false })).toMatchObject({
      format: 'CompVis layout, safetensors file',
      architecture: expect.stringMatching(/^Stable Diffusion 1\.x; UNet 32\/32 \(420,740 parameters\)/),
      precision: expect.stringMatching(/^F16 99%, F32 1%/),
      ema: 'EMA weights only',
      bytes: 2183390,
      missing: [],
      unexpected: [],
    });
  });

  test('both sets of weights, if it has them', async () => {
    const { ema, precision } = await describeCheckpoint(FULL, { hash: false });
    expect(ema).toMatch(/^both/);
    expect(precision).toMatch(/^F16 100%/);
  });

  test('the SHA-256 of the file and its first ten digits, when asked for', async () => {
    const digits = createHash('sha256')
      .update(await readFile(NANO))
      .digest('hex');
    const description = await describeCheckpoint(NANO, { hash: true });
    expect([description.sha256, description.hash]).toEqual([digits, digits.slice(0, 10)]);
    expect(await describeCheckpoint(NANO, { hash: false })).not.toHaveProperty('sha256');
  });
});

describe('a folder is described by', () => {
  test('its networks', async () => {
    expect(await describeCheckpoint(EMBEDDED_MODEL, { hash: false })).toMatchObject({
      format: 'diffusers folder',
      precision: expect.stringMatching(/^F8_E4M3 \d+%, F16 \d+%$/),
      tensors: Object.values(embedded.weights).reduce((sum, { size }) => sum + size, 0),
      missing: [],
      unexpected: [],
    });
  });
});

describe('a folder that is no model is', () => {
  const inFolder = async (files: Record<string, string>, then: (folder: string) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), 'easel-describe-'));
    try {
      for (const [name, from] of Object.entries(files)) await copyFile(from, join(folder, name));
      await then(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  test('the LoRA that PEFT saved in it, for whoever inspects it and whoever wants to paint with it', async () => {
    const folder = 'test/fixtures/lycoris/peft';
    expect(await describeCheckpoint(folder, { hash: true })).toMatchObject({
      architecture: expect.stringMatching(/^a LoRA; modules: 2/),
      missing: [],
      codes: ['isLora'],
    });
    await expect(openModel(folder)).rejects.toMatchObject({ message: /this is a LoRA/, code: 'isLora' });
  });

  test('the LoRA of a training run, whatever lies beside it', () =>
    inFolder(
      {
        'pytorch_lora_weights.safetensors': 'test/fixtures/lora/peft.safetensors',
        'optimizer.bin': 'test/fixtures/lora/kohya.safetensors',
        'scheduler.bin': 'test/fixtures/lora/kohya.safetensors',
      },
      async (folder) => {
        expect((await describeCheckpoint(folder, { hash: false })).architecture).toMatch(/^a LoRA/);
      },
    ));

  test('the checkpoint that has it to itself', () =>
    inFolder({ 'nano.safetensors': NANO }, async (folder) => {
      expect((await describeCheckpoint(folder, { hash: false })).architecture).toMatch(/^Stable Diffusion 1\.x/);
      expect((await openModel(folder)).kind).toBe('weights');
    }));

  test('refused with the names of what is in it', () =>
    inFolder({ 'one.safetensors': NANO, 'two.safetensors': NANO }, async (folder) => {
      const several = /several files: one.safetensors, two.safetensors. Give one of them/;
      await expect(describeCheckpoint(folder, { hash: false })).rejects.toThrow(several);
      await expect(openModel(folder)).rejects.toThrow(several);
    }));

  test.each([
    ['unet', 'UNet2DConditionModel'],
    ['text_encoder', 'CLIPTextModel'],
    ['vae', 'AutoencoderKL'],
  ])('refused as the part of a model that it is: %s', async (part, name) => {
    const alone = `this is only one part of a model (${name}). Give the folder of the whole model.`;
    await expect(describeCheckpoint(join(EMBEDDED_MODEL, part), { hash: false })).rejects.toThrow(alone);
    await expect(openModel(join(EMBEDDED_MODEL, part))).rejects.toThrow(alone);
  });

  test('refused when nothing is in it', () =>
    inFolder({}, async (folder) => {
      await expect(describeCheckpoint(folder, { hash: false })).rejects.toThrow(/not a diffusers model/);
    }));
});

describe('a file that is no model is described as what it is', () => {
  test('a LoRA', async () => {
    const { architecture, missing } = await describeCheckpoint('test/fixtures/lora/kohya.safetensors', { hash: false });
    expect(architecture).toMatch(/^a LoRA/);
    expect(missing).toEqual([]);
  });

  test('a checkpoint whose numbers need scales', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'easel-describe-'));
    try {
      const scaled = join(folder, 'scaled.safetensors');
      const scale = 'model.diffusion_model.input_blocks.1.0.in_layers.2.scale_weight';
      await writeSafetensors(scaled, (await takeApart(NANO)).set(scale, float32([1], [0.5])));
      expect((await describeCheckpoint(scaled, { hash: false })).architecture).toMatch(/^a quantized checkpoint/);
      await expect(openModel(scaled)).rejects.toThrow(/quantized checkpoint.*the original/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a few tensors', async () => {
    const { architecture, tensors, missing, warnings } = await describeCheckpoint(
      'test/fixtures/checkpoints/good.ckpt',
      { hash: false },
    );
    expect([architecture, tensors]).toEqual(['not recognised', 4]);
    expect(missing).toHaveLength(1);
    expect(warnings[0]).toMatch(/UNet lacks/);
  });
});

test('a damaged file is refused', async () => {
  await expect(describeCheckpoint('test/fixtures/checkpoints/zip-bad-crc.ckpt', { hash: true })).rejects.toThrow(
    CheckpointError,
  );
});
