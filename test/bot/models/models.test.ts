import { copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { modelPath } from '../../../src/bot/models/model-path.js';
import { offeredModels } from '../../../src/bot/models/models.js';
import { Painter } from '../../../src/bot/painter/painter.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { oracle } from '../../oracle.js';
import { aJob } from '../request.js';
import { temporaryFolder } from '../servers.js';

const NANO = oracle('ckpt/nano/nano-ema-only.safetensors');

let folder: string;
let remove: () => void;
beforeEach(() => {
  const made = temporaryFolder();
  folder = made.path;
  remove = () => made[Symbol.dispose]();
});
afterEach(() => remove());

function link(target: string, name: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  symlinkSync(target, join(folder, name));
}

async function offered(from = folder) {
  const unusable: string[] = [];
  const models = await offeredModels(from, false, (name, { message }) => unusable.push(`${name}: ${message}`));
  return { models, names: [...models.keys()].sort(), unusable };
}

test('links to folders and to files are offered under their own names, wherever they lead', async () => {
  link(EMBEDDED_MODEL, 'easel');
  link(NANO, 'nano.safetensors');
  link(NANO, 'nano');
  const { models, names, unusable } = await offered();
  expect([names, unusable]).toEqual([['easel', 'nano', 'nano.safetensors'], []]);
  const { models: direct } = await offered(dirname(EMBEDDED_MODEL));
  expect(models.get('easel')!.bytes).toBe(direct.get(DEFAULT_MODEL)!.bytes);
});

test('links that lead nowhere or in a circle are told to the operator, and keep nothing else back', async () => {
  link(EMBEDDED_MODEL, 'easel');
  link(join(folder, 'unplugged'), 'sd15');
  link(join(folder, 'gone.ckpt'), 'gone.ckpt');
  link('b', 'a');
  link('a', 'b');
  const { names, unusable } = await offered();
  expect(names).toEqual(['easel']);
  expect(unusable.sort()).toEqual([
    expect.stringMatching(/^a: .*circle/),
    expect.stringMatching(/^b: .*circle/),
    expect.stringMatching(/^gone\.ckpt: .*circle/),
    expect.stringMatching(/^sd15: .*no such file/),
  ]);
});

test('a folder that a link inside leads back to is counted once', async () => {
  mkdirSync(join(folder, 'model'));
  for (const name of ['model_index.json', 'scheduler', 'text_encoder', 'tokenizer', 'unet', 'vae', 'easel.json']) {
    link(join(EMBEDDED_MODEL, name), join('model', name));
  }
  link('..', 'model/back');
  link('.', 'itself');
  const { models, names } = await offered();
  expect(names).toEqual(['model']);
  const { models: direct } = await offered(dirname(EMBEDDED_MODEL));
  expect(models.get('model')!.bytes).toBeGreaterThan(direct.get(DEFAULT_MODEL)!.bytes * 0.9);
  expect(models.get('model')!.bytes).toBeLessThanOrEqual(direct.get(DEFAULT_MODEL)!.bytes);
});

test('models with the same vocabulary share one tokenizer, and others have their own', async () => {
  for (const name of ['one', 'two', 'three']) cpSync(EMBEDDED_MODEL, join(folder, name), { recursive: true });
  link(NANO, 'nano.safetensors');
  const settings = join(folder, 'three/tokenizer/tokenizer_config.json');
  writeFileSync(settings, JSON.stringify({ ...JSON.parse(readFileSync(settings, 'utf8')), pad_token: '!' }));
  const { models } = await offered();
  const tokenizer = (name: string) => models.get(name)!.tokenizer;
  expect(tokenizer('one')).toBe(tokenizer('two'));
  expect(tokenizer('three')).not.toBe(tokenizer('one'));
  expect(tokenizer('three').pad).not.toBe(tokenizer('one').pad);
});

test('other files are skipped', async () => {
  mkdirSync(join(folder, 'lora'));
  writeFileSync(join(folder, 'notes.txt'), 'not weights');
  link(join(folder, 'lora'), 'loras');
  link(join(folder, 'notes.txt'), 'notes');
  expect(await offered()).toMatchObject({ names: [], unusable: [] });
});

test('names in capitals are offered, and an autoencoder only beside its checkpoint', async () => {
  link(NANO, 'A.SAFETENSORS');
  link(oracle('ckpt/nano/nano-full-ema-fp16.ckpt'), 'B.Ckpt');
  link(NANO, 'B.vae.safetensors');
  const { models, names, unusable } = await offered();
  expect([names, unusable]).toEqual([['A.SAFETENSORS', 'B.Ckpt'], []]);
  const { weights } = models.get('B.Ckpt')!.model as WeightsModel;
  expect([...weights.autoencoder.values()].every(({ file }) => file === NANO)).toBe(true);
});

test("the reference's own place is stable-diffusion-v1, unless something in the folder is called so", async () => {
  mkdirSync(join(folder, 'ldm/stable-diffusion-v1'), { recursive: true });
  link(NANO, 'ldm/stable-diffusion-v1/model.ckpt');
  const { models, names } = await offered();
  expect(names).toEqual(['stable-diffusion-v1']);
  expect(models.get('stable-diffusion-v1')!.path).toBe(join(folder, 'ldm/stable-diffusion-v1/model.ckpt'));
  link(EMBEDDED_MODEL, 'stable-diffusion-v1');
  expect((await offered()).models.get('stable-diffusion-v1')!.path).toBe(modelPath(folder, 'stable-diffusion-v1'));
  expect(modelPath(folder, 'stable-diffusion-v1')).toBe(join(folder, 'stable-diffusion-v1'));
});

test("the painter finds what is offered: a link, and the reference's place", async () => {
  link(EMBEDDED_MODEL, 'linked');
  mkdirSync(join(folder, 'ldm/stable-diffusion-v1'), { recursive: true });
  link(NANO, 'ldm/stable-diffusion-v1/model.ckpt');
  copyFileSync(oracle('ckpt/nano/v1-nano.yaml'), join(folder, 'ldm/stable-diffusion-v1/model.yaml'));
  const config = { modelsDir: folder, device: 'cpu', threads: 1, safetyChecker: false, painterMemory: 1e12 } as const;
  const painter = new Painter(config, pino({ level: 'silent' }));
  try {
    for (const model of ['linked', 'stable-diffusion-v1']) {
      const { pictures } = await painter.paint(aJob({}, { model, steps: 1, width: 64, height: 64 }).request);
      expect(pictures).toHaveLength(1);
    }
  } finally {
    await painter.close();
  }
});

test('a file whose extension is in capitals is offered', async () => {
  link(NANO, 'nano');
  link(join(folder, 'nano'), 'X.SAFETENSORS');
  copyFileSync(NANO, join(folder, 'Y.SafeTensors'));
  const { names, unusable } = await offered();
  expect([names, unusable]).toEqual([['X.SAFETENSORS', 'Y.SafeTensors', 'nano'], []]);
});
