import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCompVis, understandCompVis } from '../../src/engine/checkpoint/compvis/open.js';
import { readContainer } from '../../src/engine/checkpoint/container.js';
import { openModel } from '../../src/engine/checkpoint/open.js';
import { readValues } from '../../src/engine/checkpoint/values.js';
import { withLora } from '../../src/engine/lora/merge.js';
import type { WeightsModel } from '../../src/engine/model.js';
import { TorchGenerator } from '../../src/engine/random/torch.js';
import { networksOn } from '../../src/engine/runtime/open.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';
import { openTokenizer } from '../../src/engine/text/open-tokenizer.js';
import { readNpy } from '../oracle.js';
import { float32, type Made, takeApart, writeSafetensors } from './checkpoint/write-safetensors.js';
import { largestDifference } from './graph/goldens.js';
import {
  expectAlike,
  type KinName,
  kin,
  kinGolden,
  kinMask,
  kinPicture,
  paintedByDiffusers,
  paintKin,
  writeKinFile,
  writeKinFolder,
} from './kin.js';

const { prompt, instruction } = kin.texts;

let folder: string;
const files = {} as Record<KinName, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-kin-'));
  for (const name of ['sd2', 'sd2-inpaint', 'inpaint', 'edit'] as const) {
    files[name] = await writeKinFile(join(folder, `${name}.safetensors`), name);
  }
});
afterAll(() => rm(folder, { recursive: true }));

const open = (path: string) => StableDiffusion.open(path, { device: 'cpu' });

describe("diffusers' pictures", () => {
  test.each(kin.cases)('from a file: $id', async (one) => {
    const type = one.prediction_type ?? 'epsilon';
    await writeFile(join(folder, `${one.model}.easel.json`), JSON.stringify({ predictionType: type }));
    await using sd = await open(files[one.model]);
    expectAlike(await paintKin(sd, one), paintedByDiffusers(one));
  });

  test.each(kin.cases)('from a folder: $id', async (one) => {
    await using sd = await open(await writeKinFolder(join(folder, one.id), one.model, one.prediction_type));
    expectAlike(await paintKin(sd, one), paintedByDiffusers(one));
  });

  test("2.x listens to OpenCLIP's penultimate layer, the final norm after it, and ! as padding", async () => {
    const { data, shape } = readNpy(kinGolden('sd2-context'));
    for (const path of [files.sd2, join(folder, 'sd2-eps')]) {
      const model = (await openModel(path)) as WeightsModel;
      const { ids } = (await openTokenizer(model.tokenizer)).tokenize(prompt, 77);
      expect(ids[76]).toBe(0);
      await using networks = networksOn('cpu', model);
      const got = await networks.encodeText(ids, 1);
      expect(got.shape).toEqual(shape);
      expect(largestDifference(got.data, data as Float32Array)).toBeLessThan(1e-4);
    }
  });
});

describe('what a file of 2.x predicts, if nothing says it,', () => {
  test('is found by running it once, as AUTOMATIC1111 does, and the size it was trained on with it', async () => {
    for (const [mean, type, side] of [
      [-2, 'v_prediction', 768],
      [0.5, 'epsilon', 512],
    ] as const) {
      const path = await writeKinFile(join(folder, `merged${mean}.safetensors`), 'sd2', constantOutput(mean));
      const guess = expect.stringMatching(/do not say what they predict/);
      await expect(openModel(path)).resolves.toMatchObject({ warnings: [guess] });
      await using sd = await open(path);
      expect(sd.model.schedule.predictionType).toBe(type);
      expect(sd.model.card.nativeSize).toBe(side);
      expect(sd.model.warnings).toEqual([]);
    }
  });

  test("is noise after 875,000 steps: those of Stability AI's 2.0 base", async () => {
    const container = await readContainer(files.sd2);
    const root = new Map([['global_step', 875_000]]);
    const path = join(folder, 'sd2-v-pred.ckpt');
    await expect(openCompVis(path, path, container, {})).resolves.toMatchObject({
      schedule: { predictionType: 'v_prediction', guessed: expect.any(String) },
    });
    await expect(openCompVis(path, path, { ...container, root }, {})).resolves.toMatchObject({
      schedule: { predictionType: 'epsilon' },
      warnings: [],
    });
  });

  test('is noise for inpainting, whatever its name', async () => {
    const path = await writeKinFile(join(folder, '768-inpaint.safetensors'), 'sd2-inpaint');
    await expect(openModel(path)).resolves.toMatchObject({ schedule: { predictionType: 'epsilon' }, warnings: [] });
  });

  /** The last convolution gives one number everywhere. */
  function constantOutput(mean: number): [string, Made][] {
    const out = 'model.diffusion_model.out.2';
    return [
      [`${out}.weight`, float32([4, 32, 3, 3], new Float32Array(4 * 32 * 9))],
      [`${out}.bias`, float32([4], new Float32Array(4).fill(mean))],
    ];
  }
});

test.each([
  ['all of', 24, 23],
  ['all but the last of', 23, 23],
])('of a file with %s the layers of ViT-H, under any names, the last but one is used', async (_, there, used) => {
  const width = 1024;
  for (const prefix of ['cond_stage_model.model.', 'cond_stage_model.transformer.text_model.']) {
    const open = prefix.includes('.model.');
    const names = Array.from({ length: there }, (_, k) => {
      const layer = open ? `transformer.resblocks.${k}` : `encoder.layers.${k}`;
      return open
        ? { norm: `${layer}.ln_1`, q: `${layer}.attn.in_proj_weight`, fc1: `${layer}.mlp.c_fc.weight` }
        : { norm: `${layer}.layer_norm1`, q: `${layer}.self_attn.q_proj.weight`, fc1: `${layer}.mlp.fc1.weight` };
    });
    const shapes = new Map<string, number[]>([
      [open ? 'ln_final.weight' : 'final_layer_norm.weight', [width]],
      [open ? 'token_embedding.weight' : 'embeddings.token_embedding.weight', [49408, width]],
      [open ? 'positional_embedding' : 'embeddings.position_embedding.weight', [77, width]],
      ...names.flatMap(({ norm, q, fc1 }): [string, number[]][] => [
        [`${norm}.weight`, [width]],
        [q, [open ? 3 * width : width, width]],
        [fc1, [4 * width, width]],
      ]),
    ]);
    const tensors = new Map((await readContainer(files.sd2)).tensors);
    for (const name of [...tensors.keys()]) if (name.startsWith('cond_stage_model.')) tensors.delete(name);
    const [some] = tensors.values();
    for (const [name, shape] of shapes) tensors.set(prefix + name, { ...some!, shape });
    const container = { ...(await readContainer(files.sd2)), tensors };
    const { text, encoder } = await understandCompVis(files.sd2, files.sd2, container, {});
    expect([text.layers, text.activation, text.heads, encoder]).toEqual([used, 'gelu', 16, 'openclip']);
  }
});

test("a LoRA changes one of OpenCLIP's three projections, which a file keeps in one matrix, as it does in a folder", async () => {
  const lora = join(folder, 'lora.safetensors');
  const key = 'lora_te_text_model_encoder_layers_1_self_attn_k_proj';
  const drawn = (shape: [number, number], seed: number) =>
    float32(shape, new TorchGenerator(seed).randn(shape[0] * shape[1]));
  await writeSafetensors(
    lora,
    new Map([
      [`${key}.lora_up.weight`, drawn([32, 4], 1)],
      [`${key}.lora_down.weight`, drawn([4, 32], 2)],
    ]),
  );
  const merged = [];
  for (const path of [files.sd2, await writeKinFolder(join(folder, 'lora'), 'sd2')]) {
    const model = (await openModel(path)) as WeightsModel;
    const { weights } = await withLora(model, [{ file: lora, weight: 0.5 }]);
    const name = (part: string) => `text_model.encoder.layers.1.self_attn.${part}_proj.weight`;
    const values = async (of: WeightsModel['weights'], part: string) => [
      ...(await readValues(of.text.get(name(part))!)),
    ];
    expect(await values(weights, 'q')).toEqual(await values(model.weights, 'q'));
    expect(await values(weights, 'k')).not.toEqual(await values(model.weights, 'k'));
    merged.push(await values(weights, 'k'));
  }
  expect(merged[0]).toEqual(merged[1]);
});

test('a YAML may say that 2.x listens to the last layer', async () => {
  const path = await writeKinFile(join(folder, 'last.safetensors'), 'sd2');
  const config = join(folder, 'last.yaml');
  const target = 'ldm.modules.encoders.modules.FrozenOpenCLIPEmbedder';
  const layers = async (layer: string) => {
    await writeFile(
      config,
      `model: { params: { cond_stage_config: { target: ${target}, params: { layer: ${layer} } } } }`,
    );
    return ((await openModel(path, { config })) as WeightsModel).text.layers;
  };
  expect([await layers('penultimate'), await layers('last')]).toEqual([2, 3]);
});

test('made for inpainting: paints from words and from a picture alone as if a mask covered everything', async () => {
  await using sd = await open(files.inpaint);
  const request = { prompt, steps: 2, scale: 3 };
  const noise = new TorchGenerator(1).randn(4 * 16 * 16);
  const [words] = await sd.txt2img({ ...request, width: 64, height: 64, latents: noise });
  // Noise, and then the most likely latents instead of any.
  const draws = [noise];
  const generator = { randn: (count: number) => draws.shift() ?? new Float32Array(count) };
  const mask = { ...kinMask(), data: new Uint8Array(64 * 64 * 3).fill(255) };
  const [masked] = await sd.inpaint({ ...request, generator, image: kinPicture(), mask, strength: 1 });
  expect(words!.pixels.data).toEqual(masked!.pixels.data);
  await expect(sd.img2img({ ...request, image: kinPicture() })).resolves.toHaveLength(1);
});

describe('made to edit', () => {
  let sd: StableDiffusion;
  beforeAll(async () => {
    sd = await open(files.edit);
  });
  afterAll(() => sd.close());

  const request = { prompt: instruction, seed: 1, steps: 2, scale: 5 };

  test('keeps to the picture by 1.5 and begins with noise, unless told otherwise', async () => {
    const [picture] = await sd.img2img({ ...request, image: kinPicture() });
    expect(picture!.parameters).toMatchObject({ imageScale: 1.5, strength: 1 });
    const [freer] = await sd.img2img({ ...request, image: kinPicture(), imageScale: 1.2 });
    expect(freer!.parameters.imageScale).toBe(1.2);
    expect(freer!.pixels.data).not.toEqual(picture!.pixels.data);
  });

  test('paints picture k of a batch as if alone', async () => {
    const both = await sd.img2img({ ...request, image: kinPicture(), count: 2 });
    const [second] = await sd.img2img({ ...request, image: kinPicture(), seed: 2 });
    expectAlike(second!.pixels, both[1]!.pixels.data);
  });

  test('keeps what a mask keeps, and honours a strength', async () => {
    const [image, mask] = [kinPicture(), kinMask()];
    const [inside] = await sd.inpaint({ ...request, image, mask });
    const kept = (data: Uint8Array) => data.filter((_, i) => mask.data[i] === 0);
    expect(kept(inside!.pixels.data)).toEqual(kept(image.data));
    const [weak] = await sd.img2img({ ...request, steps: 5, image, strength: 0.4 });
    const [whole] = await sd.img2img({ ...request, steps: 5, image });
    expect(weak!.pixels.data).not.toEqual(whole!.pixels.data);
  });
});

test("a card's CLIP skip, or else what the file was trained with, is the default; what is asked for wins", async () => {
  const path = await writeKinFile(join(folder, 'skips.safetensors'), 'inpaint');
  await writeSafetensors(path, await takeApart(path), { 'modelspec.encoder_layer': '3' });
  expect((await openModel(path)).card.clipSkip).toBe(3);
  await writeFile(join(folder, 'skips.easel.json'), JSON.stringify({ clipSkip: 2 }));
  await using sd = await open(path);
  const request = { prompt, seed: 1, steps: 1, width: 64, height: 64 };
  const [[own], [two], [one]] = [
    await sd.txt2img(request),
    await sd.txt2img({ ...request, clipSkip: 2 }),
    await sd.txt2img({ ...request, clipSkip: 1 }),
  ];
  expect(own!.parameters.clipSkip).toBe(2);
  expect(own!.pixels.data).toEqual(two!.pixels.data);
  expect(own!.pixels.data).not.toEqual(one!.pixels.data);
});
