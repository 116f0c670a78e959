import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Models, offeredModels } from '../../../src/bot/models/models.js';
import { NO_UPSCALER, offeredUpscalers, usualFactor, usualUpscaler } from '../../../src/bot/models/upscalers.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { EMBEDDED_UPSCALER } from '../../../src/engine/embedded-model.js';
import { modelsFolder } from '../../../src/engine/package-root.js';

let folder: string;
let models: Models;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-upscalers-'));
  mkdirSync(join(folder, 'upscalers'));
  const shipped = (await offeredModels(modelsFolder, true, () => {})).get(DEFAULT_MODEL)!;
  const { upscaler: _, ...card } = shipped.model.card;
  models = new Map([
    [DEFAULT_MODEL, shipped],
    ['photos', { ...shipped, name: 'photos', model: { ...shipped.model, card } }],
  ]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** By the model that painted a picture: what enlarges it. */
async function usual(chosen?: string): Promise<(string | undefined)[]> {
  const upscalers = await offeredUpscalers(folder, models, chosen, () => {});
  return [DEFAULT_MODEL, 'easel-128', 'photos', 'gone', null].map((model) => usualUpscaler({ upscalers }, model)?.name);
}
const put = (name: string) => cpSync(EMBEDDED_UPSCALER, join(folder, 'upscalers', `${name}.safetensors`));

test('one that a card names enlarges the pictures of that model, and no others', async () => {
  expect(await usual()).toEqual([undefined, undefined, undefined, undefined, undefined]);
  put('easel-x4');
  expect(await usual()).toEqual(['easel-x4', 'easel-x4', undefined, undefined, undefined]);
  put('real');
  put('sharp');
  expect(await usual()).toEqual(['easel-x4', 'easel-x4', 'real', 'real', 'real']);
  rmSync(join(folder, 'upscalers/easel-x4.safetensors'));
  expect(await usual()).toEqual(['real', 'real', 'real', 'real', 'real']);
});

test('UPSCALER names another for all, or none; one that is not there is refused', async () => {
  put('easel-x4');
  expect(await usual('sharp')).toEqual(['sharp', 'sharp', 'sharp', 'sharp', 'sharp']);
  expect(await usual('easel-x4')).toEqual(['easel-x4', 'easel-x4', 'easel-x4', 'easel-x4', 'easel-x4']);
  expect(await usual(NO_UPSCALER)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  await expect(usual('shrap')).rejects.toThrow(/UPSCALER is "shrap".*There are: easel-x4, real, sharp\./);
});

test('small pictures come to 1024 pixels by their own upscaler, and to twice their size by another', () => {
  const times = (name: string, ...sides: number[]) => sides.map((side) => usualFactor(models, name, [side / 2, side]));
  expect(times('easel-x4', 64, 128, 152, 256, 768, 2048)).toEqual([8, 8, 6, 4, 2, 2]);
  expect(times('real', 128, 768)).toEqual([2, 2]);
});
