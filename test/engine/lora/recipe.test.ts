import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { recipeFor } from '../../../src/engine/lora/recipe.js';
import { samplerTitle } from '../../../src/engine/samplers/names.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { takeApart, writeSafetensors } from '../checkpoint/write-safetensors.js';

const KOHYA = 'test/fixtures/lora/kohya.safetensors';
const TCD = { steps: 4, scale: 1, sampler: 'tcd' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-recipes-'));
  await mkdir(join(folder, 'TCD-SD15-LoRA'));
  await copyFile(KOHYA, join(folder, 'TCD-SD15-LoRA/pytorch_lora_weights.safetensors'));
  await copyFile(KOHYA, join(folder, 'style.safetensors'));
  await copyFile(KOHYA, join(folder, 'carded.safetensors'));
  await copyFile(KOHYA, join(folder, 'broken.safetensors'));
  await writeFile(join(folder, 'carded.easel.json'), JSON.stringify({ steps: 6, sampler: 'DPM++ 2M SGM Uniform' }));
  await writeFile(join(folder, 'broken.easel.json'), JSON.stringify({ steps: 'many' }));
  await writeSafetensors(join(folder, 'last.safetensors'), await takeApart(KOHYA), { ss_output_name: 'lcm_mine' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a LoRA is known by its name, its folder, its alias, or the card beside it', async () => {
  const of = (prompt: string) => recipeFor([prompt], [folder]);
  expect(await of('a cat <lora:TCD-SD15-LoRA>')).toEqual(TCD);
  expect(await of('a cat <lora:style> <lora:TCD-SD15-LoRA:0.8>')).toEqual(TCD);
  expect(await of('a cat <lora:last>')).toEqual({ steps: 4, scale: 1, sampler: 'lcm' });
  expect(await of('a cat <lora:carded>')).toEqual({ steps: 6, sampler: 'dpmpp_2m', sigmas: 'sgm_uniform' });
});

test('others, those of weight 0, those that are missing and tags that are wrong say nothing', async () => {
  for (const prompt of ['a cat', '<lora:style>', '<lora:TCD-SD15-LoRA:0>', '<lora:none>', '<lora:>']) {
    expect(await recipeFor([prompt], [folder])).toBeUndefined();
  }
});

test('a card that is wrong is told with its file', async () => {
  await expect(recipeFor(['<lora:broken>'], [folder])).rejects.toThrow(/broken\.easel\.json: steps/);
});

test('a request takes what it leaves out from the LoRA, and a prompt that is read literally does not', async () => {
  await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { loras: [folder], device: 'cpu' });
  const prompt = 'a cat <lora:TCD-SD15-LoRA:0.1>';
  const painted = async (more: object) => (await sd.txt2img({ prompt, seed: 1, ...more }))[0]!.parameters;
  expect(await painted({})).toMatchObject({ steps: 4, scale: 1, sampler: 'TCD', eta: 0.3 });
  expect(await painted({ steps: 2, sampler: 'euler' })).toMatchObject({ steps: 2, scale: 1, sampler: 'Euler' });
  expect(await painted({ prompt: 'a <lora:carded:0.1>' })).toMatchObject({ steps: 6, sampler: 'DPM++ 2M SGM Uniform' });
  const { card } = sd.model;
  const own = { scale: card.scale, sampler: samplerTitle({ sampler: card.sampler, sigmas: card.sigmas ?? 'default' }) };
  expect(await painted({ syntax: 'plain', steps: 1 })).toMatchObject(own);
  expect(await sd.advise(['a cat'])).toEqual(card);
  const { sigmas, ...others } = card;
  expect(sigmas).toBe('karras');
  const advised = await sd.advise([prompt]);
  expect(advised).toMatchObject({ ...others, ...TCD });
  expect(advised).not.toHaveProperty('sigmas');
});
