import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../../src/engine/checkpoint/describe.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import { withLora } from '../../../src/engine/lora/merge.js';
import { readLora } from '../../../src/engine/lora/read.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { float32, type Made, writeSafetensors } from '../checkpoint/write-safetensors.js';

let folder: string;
let model: WeightsModel;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-read-lora-'));
  model = (await openModel(EMBEDDED_MODEL)) as WeightsModel;
});
afterAll(() => rm(folder, { recursive: true }));

const QUERY = 'lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q';

const ones = (...shape: number[]): Made =>
  float32(shape, Array<number>(shape.reduce((product, side) => product * side, 1)).fill(1));

async function written(tensors: Record<string, Made>, metadata?: Record<string, string>): Promise<string> {
  const path = join(folder, 'lora.safetensors');
  await writeSafetensors(path, new Map(Object.entries(tensors)), metadata);
  return path;
}

const pair = { [`${QUERY}.lora_up.weight`]: ones(256, 1), [`${QUERY}.lora_down.weight`]: ones(1, 256) };

/** Merging and inspecting a file give the same error. */
async function refused(path: string, why: RegExp): Promise<void> {
  for (const told of [
    () => withLora(model, [{ file: path, weight: 1 }]),
    () => describeCheckpoint(path, { hash: true }),
  ]) {
    const said = told();
    await expect(said).rejects.toThrow(why);
    await expect(said).rejects.toBeInstanceOf(CheckpointError);
  }
}

describe('what Easel cannot apply is refused by name, by easel inspect, too', () => {
  test.each([
    ['cloneofsimo/lora', { 'unet:0:up': ones(2, 2), 'unet:0:down': ones(2, 2), '<s1>': ones(4) }],
    ['OFT of LyCORIS before version 2', { [`${QUERY}.oft_diag`]: ones(4, 64, 64) }],
    ["PEFT's OFT", { 'base_model.model.mid_block.to_q.oft_R.weight': ones(2, 2) }],
    ["PEFT's BOFT", { 'base_model.model.mid_block.to_q.boft_R': ones(2, 2) }],
    ["PEFT's \\(IA\\)\\^3", { 'base_model.model.mid_block.to_q.ia3_l': ones(2) }],
    ['VeRA', { 'base_model.model.mid_block.to_q.vera_lambda_b': ones(2) }],
    ['sparse bias', { ...pair, [`${QUERY}.bias_values`]: ones(2) }],
  ])('%s', async (name, tensors) => {
    await refused(await written(tensors), new RegExp(`in a form that Easel cannot apply: .*${name}`));
  });

  test('a list of tensors, as cloneofsimo/lora saved it', async () => {
    await refused(
      'test/fixtures/lycoris/cloneofsimo.pt',
      /a list of tensors without names, the format of cloneofsimo\/lora/,
    );
  });

  test('what PEFT calls something else', async () => {
    const inside = join(folder, 'peft');
    await rm(inside, { recursive: true, force: true });
    await mkdir(inside);
    const path = join(inside, 'adapter_model.safetensors');
    const module = 'base_model.model.mid_block.attentions.0.transformer_blocks.0.attn1.to_q';
    const tensors = { [`${module}.lora_A.weight`]: ones(1, 256), [`${module}.lora_B.weight`]: ones(256, 1) };
    await writeSafetensors(path, new Map(Object.entries(tensors)));
    await writeFile(join(inside, 'adapter_config.json'), '{"peft_type": "XLORA"}');
    await refused(path, /adapter_config\.json: this adapter is PEFT's XLORA/);
    await writeFile(join(inside, 'adapter_config.json'), '[');
    await refused(path, /adapter_config\.json: it is not valid JSON/);
  });

  test('an update that lacks a part', async () => {
    await refused(await written({ [`${QUERY}.lora_up.weight`]: ones(256, 1) }), /attn1_to_q" .* lacks its part "down"/);
    const lokr = { [`${QUERY}.lokr_w1`]: ones(16, 16), [`${QUERY}.lokr_w2_a`]: ones(16, 1) };
    await refused(await written(lokr), /lacks its part "lokr_w2_b"/);
  });

  test('an update of two kinds at once', async () => {
    await refused(await written({ ...pair, [`${QUERY}.diff`]: ones(256, 256) }), /parts of both LoRA and full/);
  });
});

describe('tensors with NaN are named', () => {
  test.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
  ])('%s', async (_, number) => {
    const bad = float32([1, 256], [number, ...Array<number>(255).fill(0)]);
    await refused(
      await written({ ...pair, [`${QUERY}.lora_down.weight`]: bad }),
      /NaN or infinite numbers in it .*to_q/,
    );
  });

  test('a weight that makes 16 bits overflow is refused, and the numbers that the model has are told apart', async () => {
    const path = await written(pair);
    await expect(withLora(model, [{ file: path, weight: 70_000 }])).rejects.toThrow(
      /With a weight of 70000, the LoRA "lora" makes the model's numbers larger/,
    );
    const name = 'mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight';
    const bytes = new Uint8Array(Float32Array.from({ length: 256 * 256 }, () => Number.NaN).buffer);
    const broken = { ...model.weights.unet.get(name)!, dtype: 'F32' as const, bytes };
    const weights = { ...model.weights, unet: new Map(model.weights.unet).set(name, broken) };
    await expect(withLora({ ...model, weights }, [{ file: path, weight: 1 }])).rejects.toThrow(
      /diffusion_pytorch_model\.safetensors: there are NaN .* another copy of the model/,
    );
  });
});

describe('an unknown tensor', () => {
  test('in a file that is a LoRA is left out with a warning', async () => {
    const path = await written({ ...pair, 'trainer.state': ones(1), 'other.alpha': ones() });
    const { warnings } = await withLora(model, [{ file: path, weight: 1 }]);
    expect(warnings.at(-1)).toMatch(/2 of its tensors are unknown and are ignored \(trainer\.state\)/);
    expect((await describeCheckpoint(path, { hash: true })).warnings).toEqual([warnings.at(-1)]);
  });

  test('alone is no LoRA', async () => {
    const path = await written({ 'other.alpha': ones() });
    await expect(readLora(path)).rejects.toThrow(/"other\.alpha" is not part of a LoRA/);
  });

  test('a bias that this model does not have is left out with a warning', async () => {
    const path = await written({ ...pair, [`${QUERY}.diff_b`]: ones(256) });
    const { warnings } = await withLora(model, [{ file: path, weight: 1 }]);
    expect(warnings.at(-1)).toMatch(/1 of its modules change a bias that this model does not have/);
  });
});

test.each([
  ['million', 1_000_000],
  ['many', 20_001],
])('a header of %s keys is refused before it is parsed', async (_, count) => {
  const path = join(folder, 'many.safetensors');
  const entries = Array.from({ length: count }, (_, k) => `"${k.toString(36)}":0`).join(',');
  const header = Buffer.from(`{"__metadata__":{"a":"{,,\\"},,"},${entries}}`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeFile(path, Buffer.concat([length, header]));
  // What is parsed first is refused for the first entry, which is no tensor.
  await expect(readLora(path)).rejects.toThrow(/holds more than 20000 tensors|far more tensors than any model has/);
});
