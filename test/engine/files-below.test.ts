import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesBelow, sumOfBytes } from '../../src/engine/files-below.js';
import { findLora } from '../../src/engine/lora/find.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-below-'));
  mkdirSync(join(folder, 'disk/styles'), { recursive: true });
  writeFileSync(join(folder, 'disk/styles/ink.safetensors'), '12345');
  mkdirSync(join(folder, 'lora'));
  symlinkSync(join(folder, 'disk/styles'), join(folder, 'lora/styles'));
  symlinkSync('..', join(folder, 'disk/styles/up'));
  symlinkSync('nowhere', join(folder, 'lora/broken.safetensors'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('links are followed, cycles end, and broken links are skipped', async () => {
  const files = await filesBelow(join(folder, 'lora'));
  expect(files.map(({ path }) => relative(folder, path))).toEqual(['lora/styles/ink.safetensors']);
  expect(sumOfBytes(files)).toBe(5);
  expect(await filesBelow(join(folder, 'nothing'))).toEqual([]);
});

test('a LoRA in a linked folder is found, also by the name of a link to it', async () => {
  const folders = [join(folder, 'lora')];
  expect(await findLora('ink', folders)).toBe(join(folder, 'lora/styles/ink.safetensors'));
  symlinkSync('styles/ink.safetensors', join(folder, 'lora/brush.safetensors'));
  expect(await findLora('brush', folders)).toBe(join(folder, 'lora/brush.safetensors'));
  await expect(findLora('broken', folders)).rejects.toThrow('There are: brush, ink.');
});
