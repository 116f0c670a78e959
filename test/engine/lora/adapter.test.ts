import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CheckpointError } from '../../../src/engine/errors.js';
import { delta } from '../../../src/engine/lora/delta.js';
import { withMatmul } from '../../../src/engine/lora/matmul.js';
import { readLora } from '../../../src/engine/lora/read.js';
import { float32, writeSafetensors } from '../checkpoint/write-safetensors.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-adapter-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** How strongly each module of a file acts: all parts are ones and the rank is 4, so unscaled changes are 4. */
async function scales(adapter: unknown, modules: readonly string[], alpha?: number): Promise<number[]> {
  const path = join(folder, 'lora.safetensors');
  const ones = Array<number>(8).fill(1);
  const tensors = modules.flatMap((module) => [
    [`${module}.lora_A.weight`, float32([4, 2], ones)] as const,
    [`${module}.lora_B.weight`, float32([2, 4], ones)] as const,
    ...(alpha === undefined ? [] : [[`${module}.alpha`, float32([], [alpha])] as const]),
  ]);
  const text = typeof adapter === 'string' ? adapter : JSON.stringify(adapter);
  await writeSafetensors(path, new Map(tensors), { format: 'pt', ...(text && { lora_adapter_metadata: text }) });
  const lora = await readLora(path);
  return withMatmul(async (multiply) => {
    const weight = { values: new Float32Array(4), shape: [2, 2] };
    const found: number[] = [];
    for (const module of modules) found.push((await delta(lora.modules.get(module)!, weight, multiply))[0]! / 4);
    return found;
  });
}

describe('the alpha that diffusers writes into the metadata', () => {
  const [query, key, words] = ['unet.mid.attn1.to_q', 'unet.mid.attn1.to_k', 'text_encoder.text_model.q_proj'];

  test('is divided by the rank, for each network by itself', async () => {
    const adapter = { 'unet.r': 4, 'unet.lora_alpha': 1, 'text_encoder.r': 4, 'text_encoder.lora_alpha': 8 };
    expect(await scales(adapter, [query, words])).toEqual([0.25, 2]);
  });

  test('of some modules may be another', async () => {
    const adapter = { 'unet.lora_alpha': 1, 'unet.alpha_pattern': { to_q: 2, '^attn1.to_k': 3 } };
    expect(await scales(adapter, [query, key])).toEqual([0.5, 0.25]);
    const whole = { 'unet.lora_alpha': 1, 'unet.alpha_pattern': { '^mid.attn1.to_k': 3 } };
    expect(await scales(whole, [query, key])).toEqual([0.25, 0.75]);
  });

  test('belongs to the UNet where a file was saved from it alone, without prefixes', async () => {
    expect(await scales({ lora_alpha: 2 }, ['mid.attn1.to_q'])).toEqual([0.5]);
  });

  test('is divided by the root of the rank with rsLoRA', async () => {
    expect(await scales({ 'unet.lora_alpha': 1, 'unet.use_rslora': true }, [query])).toEqual([0.5]);
  });

  test('gives way to an alpha among the tensors, and without either there is no scale', async () => {
    expect(await scales({ 'unet.lora_alpha': 1 }, [query], 2)).toEqual([0.5]);
    expect(await scales({ 'unet.r': 4, 'unet.alpha_pattern': null, 'unet.lora_alpha': 'x' }, [query])).toEqual([1]);
    expect(await scales('', [query])).toEqual([1]);
  });

  test.each(['{', '1', 'null'])('is refused as %s', async (text) => {
    await expect(scales(text, [query])).rejects.toThrow(CheckpointError);
  });
});
