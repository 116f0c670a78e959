import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultModel } from '../../../src/bot/models/default-model.js';
import { type OfferedModel, offeredModels } from '../../../src/bot/models/models.js';
import { noSuchModel } from '../../../src/bot/models/no-model.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';

let folder: string;
let models: Map<string, OfferedModel>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-default-'));
  for (const name of [DEFAULT_MODEL, 'older', 'newer']) symlinkSync(EMBEDDED_MODEL, join(folder, name));
  models = await offeredModels(folder, true, () => {});
  // Each its own folder for its record.
  for (const [name, model] of models) {
    mkdirSync(join(folder, 'records', name), { recursive: true });
    models.set(name, { ...model, path: join(folder, 'records', name) });
  }
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function pulled(name: string, day: number): void {
  const record = join(folder, 'records', name, 'licence.txt');
  writeFileSync(record, `${name}\nFrom https://huggingface.co/someone/${name}-repo, commit ${'a'.repeat(40)}\n`);
  utimesSync(record, day * 86_400, day * 86_400);
}

const unset = { model: DEFAULT_MODEL, modelChosen: false };

test('without MODEL the model that ships paints until another is pulled, and then the one pulled last', async () => {
  expect(await defaultModel(unset, models)).toBe(DEFAULT_MODEL);
  pulled('newer', 2);
  pulled('older', 1);
  expect(await defaultModel(unset, models)).toBe('newer');
});

test('a pulled model that may not be used is passed over', async () => {
  pulled('newer', 2);
  pulled('older', 1);
  models.set('newer', { ...models.get('newer')!, allowed: false });
  expect(await defaultModel(unset, models)).toBe('older');
});

test('MODEL wins, by its own name or by the one it was pulled under', async () => {
  pulled('newer', 2);
  expect(await defaultModel({ model: DEFAULT_MODEL, modelChosen: true }, models)).toBe(DEFAULT_MODEL);
  expect(await defaultModel({ model: 'someone/newer-repo', modelChosen: true }, models)).toBe('newer');
  const own = models.get('older')!;
  models.set('v1-5-pruned-emaonly.safetensors', own);
  expect(await defaultModel({ model: 'sd-v1-5', modelChosen: true }, models)).toBe('v1-5-pruned-emaonly.safetensors');
});

test('if MODEL can be pulled but is not here, the message has the command', async () => {
  for (const model of ['someone/thing', 'sd-v1-5']) {
    const { message } = await noSuchModel({ model, modelsDir: folder }, models, new Map());
    expect(message).toContain(`Get it with: npx easel pull ${model}`);
  }
});
