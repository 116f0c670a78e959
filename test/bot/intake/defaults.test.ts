import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultsFor } from '../../../src/bot/intake/defaults.js';
import { defaultCard } from '../../../src/engine/checkpoint/card.js';

const card = defaultCard('v1-5');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-defaults-'));
  await mkdir(join(folder, 'below'));
  await copyFile('test/fixtures/lora/kohya.safetensors', join(folder, 'below/lcm-lora-sdv1-5.safetensors'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the model's, unless the server has its own", async () => {
  expect(await defaultsFor(card, { steps: 0, scale: 0, speed: null }, 'a cat', [folder])).toEqual({
    steps: 50,
    scale: 7.5,
    sampler: 'ddim',
  });
  expect(await defaultsFor(card, { steps: 30, scale: 9, speed: 'fast' }, 'a cat', [folder])).toMatchObject({
    steps: 30,
    scale: 9,
    speed: 'fast',
  });
});

test("the model's speed, unless the server has its own", async () => {
  const own = { ...card, speed: 'fastest' } as const;
  const { speed } = await defaultsFor(own, { steps: 0, scale: 0, speed: null }, 'a cat', [folder]);
  expect(speed).toBe('fastest');
  const server = await defaultsFor(own, { steps: 0, scale: 0, speed: 'exact' }, 'a cat', [folder]);
  expect(server.speed).toBe('exact');
});

test("a few-step LoRA's before the server's, which it could not be painted with", async () => {
  const settings = { steps: 30, scale: 9, speed: null };
  expect(await defaultsFor(card, settings, 'a cat <lora:lcm-lora-sdv1-5:0.9>', [folder])).toEqual({
    steps: 4,
    scale: 1,
    sampler: 'lcm',
  });
});
