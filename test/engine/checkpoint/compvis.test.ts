import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import type { Weights } from '../../../src/engine/checkpoint/tensor.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { oracle } from '../../oracle.js';

const TINY = oracle('ckpt/tiny/tiny.ckpt');
const TINY_YAML = oracle('ckpt/tiny/v1-tiny.yaml');
const NANO_YAML = oracle('ckpt/nano/v1-nano.yaml');
const nano = (name: string) => oracle(`ckpt/nano/nano-${name}`);

const open = async (path: string, options = {}) => (await openModel(path, options)) as WeightsModel;

async function expectSame(actual: Weights, expected: Weights): Promise<void> {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, tensor] of expected) {
    expect(actual.get(name)!.shape, name).toEqual(tensor.shape);
    expect(
      Buffer.from((await readValues(actual.get(name)!)).buffer).compare(Buffer.from((await readValues(tensor)).buffer)),
      name,
    ).toBe(0);
  }
}

describe('a CompVis checkpoint', () => {
  test('has the same tensors under the same names as its diffusers folder', async () => {
    const compvis = await open(TINY, { config: TINY_YAML });
    const diffusers = await open(oracle('ckpt/tiny/diffusers'));
    expect(compvis.unet).toEqual(diffusers.unet);
    expect(compvis.autoencoder).toEqual(diffusers.autoencoder);
    expect(compvis.text).toEqual(diffusers.text);
    expect(compvis.schedule).toEqual(diffusers.schedule);
    for (const part of ['text', 'unet', 'autoencoder'] as const) {
      await expectSame(compvis.weights[part], diffusers.weights[part]);
    }
  });

  test('is mapped from the file itself: no tensor is copied', async () => {
    const { weights } = await open(TINY, { config: TINY_YAML });
    const tensors = Object.values(weights).flatMap((part) => [...part.values()]);
    expect(tensors).toHaveLength(686 + 52 + 248);
    expect(tensors.every(({ bytes, strides, file }) => !bytes && !strides && file === TINY)).toBe(true);
  });

  test('shows its architecture by its shapes, but not its heads: those are 8 unless the YAML says otherwise', async () => {
    const guessed = await open(TINY);
    const stated = await open(TINY, { config: TINY_YAML });
    expect(guessed.unet).toEqual({ ...stated.unet, heads: [8, 8, 8, 8] });
    expect(guessed.autoencoder).toEqual(stated.autoencoder);
  });

  test.each(['ema-only.safetensors', 'odd-strides-fp16.ckpt'])('gives the same tensors from nano-%s', async (file) => {
    const expected = await open(nano('ema-only.ckpt'), { config: NANO_YAML });
    const actual = await open(nano(file), { config: NANO_YAML });
    expect(actual.downsampling).toBe(2);
    for (const part of ['text', 'unet', 'autoencoder'] as const) {
      await expectSame(actual.weights[part], expected.weights[part]);
    }
  });

  test('predicts the same noise whether its tensors can be mapped or must be put in order first', async () => {
    const noise = async (file: string) => {
      await using networks = networksOn('cpu', await open(nano(file), { config: NANO_YAML }));
      const wave = (length: number) => Float32Array.from({ length }, (_, k) => Math.sin(k));
      const latents = { data: wave(4 * 8 * 8), shape: [1, 4, 8, 8] };
      return (await networks.predictNoise(latents, Float32Array.of(500), { data: wave(77 * 8), shape: [1, 77, 8] }))
        .data;
    };
    expect(await noise('odd-strides-fp16.ckpt')).toEqual(await noise('ema-only.ckpt'));
  });

  test('with both sets of weights gives the trained ones, or the EMA ones when asked', async () => {
    const ema = await open(nano('ema-only.ckpt'), { config: NANO_YAML });
    const trained = await open(nano('non-ema-legacy-fp16.ckpt'), { config: NANO_YAML });
    const full = nano('full-ema-fp16.ckpt');
    await expectSame((await open(full, { config: NANO_YAML })).weights.unet, trained.weights.unet);
    await expectSame((await open(full, { config: NANO_YAML, useEma: true })).weights.unet, ema.weights.unet);
  });

  test('without separate EMA weights says so when they are asked for', async () => {
    const model = await open(nano('ema-only.ckpt'), { config: NANO_YAML, useEma: true });
    expect(model.warnings).toEqual([expect.stringContaining('no separate EMA weights')]);
  });

  test('has its own noise schedule, which wins over the computed one', async () => {
    const exact = await open(nano('ema-only.ckpt'), { config: NANO_YAML });
    const coarse = await open(nano('full-ema-fp16.ckpt'), { config: NANO_YAML });
    expect(coarse.schedule.alphasCumprod[999]).not.toBe(exact.schedule.alphasCumprod[999]);
    expect(coarse.schedule.alphasCumprod[999]).toBeCloseTo(exact.schedule.alphasCumprod[999]!, 4);
  });

  test('that is linked from elsewhere maps the file behind the link; what lies beside the link belongs to it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'easel-link-'));
    try {
      await symlink(TINY, join(folder, 'model.ckpt'));
      await symlink(TINY_YAML, join(folder, 'model.yaml'));
      await symlink(oracle('ckpt/safety_checker'), join(folder, 'safety_checker'));
      const model = await open(join(folder, 'model.ckpt'));
      expect(model.weights.unet.get('conv_in.weight')!.file).toBe(TINY);
      expect(model.card.name).toBe('tiny');
      expect(model.unet.heads).toEqual([4, 4, 4, 4]);
      expect(model.safetyChecker!.weights.get('concept_embeds')!.shape).toEqual([17, 16]);
      expect((await open(join(folder, 'model.ckpt'), { safetyChecker: false })).safetyChecker).toBeUndefined();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a configuration', () => {
  let folder: string;
  let yaml: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-yaml-'));
    yaml = await readFile(TINY_YAML, 'utf8');
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function withYaml(change: (text: string) => string): Promise<string> {
    const config = join(folder, 'config.yaml');
    await writeFile(config, change(yaml));
    return config;
  }

  test('of another checkpoint is refused with the tensor and both shapes', async () => {
    await expect(open(TINY, { config: NANO_YAML })).rejects.toThrow(/has shape \[.*\], expected \[/);
  });

  test('overrides schedule, scale and prediction', async () => {
    const config = await withYaml((text) =>
      text
        .replace('scale_factor: 0.18215', 'scale_factor: 0.5\n    parameterization: v')
        .replace('timesteps: 1000', 'timesteps: 500'),
    );
    const model = await open(TINY, { config });
    expect(model.scalingFactor).toBe(0.5);
    expect(model.schedule.predictionType).toBe('v_prediction');
    expect(model.schedule.alphasCumprod).toHaveLength(500);
  });

  test.each([
    [
      'text encoder',
      'FrozenCLIPEmbedder',
      'BERTEmbedder',
      /asks for LAION-400M's text encoder, but in the file is CLIP's/,
    ],
    ['autoencoder', 'autoencoder.AutoencoderKL', 'autoencoder.VQModelInterface', /first_stage_config has the target/],
  ])('with another %s is refused by name', async (_, from, to, message) => {
    const config = await withYaml((text) => text.replace(from, to));
    await expect(open(TINY, { config })).rejects.toThrow(message);
  });

  test.each([
    ['that is not YAML', 'model: [', /config\.yaml: it is not valid YAML/],
    ['without a model', 'modell: {}', /config\.yaml: model:/],
    ['that multiplies itself by aliases', 'a: &a [1]\nmodel: *a', /config\.yaml: it is not valid YAML/],
  ])('%s is refused', async (_, text, message) => {
    const config = await withYaml(() => text);
    await expect(open(TINY, { config })).rejects.toThrow(message);
  });
});

test('a file that is not a whole checkpoint says what it lacks', async () => {
  await expect(openModel('test/fixtures/checkpoints/good.ckpt')).rejects.toThrow(
    /good\.ckpt: .*Is this a whole Stable Diffusion/,
  );
});
