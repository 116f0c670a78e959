import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { offeredModels } from '../../../src/bot/models/models.js';
import { noSuchModel, unchecked } from '../../../src/bot/models/no-model.js';
import { remedyOf } from '../../../src/bot/text/remedies.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { EaselError } from '../../../src/engine/errors.js';
import { oracle } from '../../oracle.js';
import { temporaryFolder } from '../servers.js';

const NANO = oracle('ckpt/nano/nano-ema-only.safetensors');
const LORA = resolve('test/fixtures/lora/kohya.safetensors');

let modelsDir: string;
let remove: () => void;
beforeEach(() => {
  const made = temporaryFolder();
  modelsDir = made.path;
  remove = () => made[Symbol.dispose]();
});
afterEach(() => remove());

function put(file: string, name: string): void {
  mkdirSync(dirname(join(modelsDir, name)), { recursive: true });
  symlinkSync(file, join(modelsDir, name));
}

async function told(model = DEFAULT_MODEL): Promise<string[]> {
  const unusable = new Map<string, EaselError>();
  const models = await offeredModels(modelsDir, true, (name, error) => unusable.set(name, error));
  const { message } = await noSuchModel({ model, modelsDir }, models, unusable);
  return message.split('\n');
}

test('there is none, and MODEL was never set', async () => {
  expect(await told()).toEqual([
    `MODEL's default, "${DEFAULT_MODEL}", is not in ${modelsDir}.`,
    'Put a model there and set MODEL to its name, or remove MODELS_DIR from .env: this model comes with Easel.',
  ]);
  expect((await told('sd15.safetensors')).slice(1)).toEqual(['Put a model there and set MODEL to its name.']);
});

test('another model there', async () => {
  put(NANO, 'nano.safetensors');
  expect(await told('sd15.safetensors')).toEqual([
    `MODEL is "sd15.safetensors", which is not in ${modelsDir}.`,
    'Set MODEL to one of: nano.safetensors.',
  ]);
});

test('a file one folder too deep is named, with what to do; LoRAs and the safety checker there are no models', async () => {
  put(NANO, 'sd/nano.safetensors');
  put(LORA, 'lora/ink.safetensors');
  cpSync('test/fixtures/safety-always', join(modelsDir, 'safety_checker'), { recursive: true });
  expect(await told()).toEqual([
    `MODEL's default, "${DEFAULT_MODEL}", is not in ${modelsDir}.`,
    'In folders of it, where the bot does not look: sd/nano.safetensors.',
    `Move or link what you want into ${modelsDir} itself, and set MODEL=nano.safetensors.`,
  ]);
});

test("the reference's own place is where the bot looks", async () => {
  put(NANO, 'ldm/stable-diffusion-v1/model.ckpt');
  expect((await told()).slice(1)).toEqual(['Set MODEL to one of: stable-diffusion-v1.']);
});

test('a model that cannot be used says why, also when it is not the one that is named', async () => {
  writeFileSync(join(modelsDir, 'cut.ckpt'), '');
  put(LORA, 'ink.safetensors');
  expect(await told('cut.ckpt')).toEqual([
    expect.stringMatching(/^MODEL is "cut\.ckpt", which cannot be used\. .*empty/),
  ]);
  expect((await told()).slice(1)).toEqual([
    expect.stringMatching(/^cut\.ckpt cannot be used\. .*empty/),
    expect.stringMatching(/^ink\.safetensors cannot be used\. .*this is a LoRA.* Move it to .*models\/lora/),
  ]);
});

test('a checkpoint without a safety checker says how to get one', async () => {
  put(NANO, 'nano.safetensors');
  const models = await offeredModels(modelsDir, true, () => {});
  const error = unchecked(models.get('nano.safetensors')!);
  expect(error.message).toBe('MODEL is "nano.safetensors", which has no safety checker.');
  expect(remedyOf(error)).toMatch(/easel pull safety-checker.*SAFETY_CHECKER=off/);
});
