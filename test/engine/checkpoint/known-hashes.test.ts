import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashesOf, shortHash } from '../../../src/engine/checkpoint/known-hashes.js';

// sha256sum of "weights" and of "other weights".
const HASH = '9a129038d9';
const OTHER = '53959fa102';

let folder: string;
let file: string;
let cache: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-hashes-'));
  file = join(folder, 'model.safetensors');
  cache = join(folder, 'not', 'there yet');
  writeFileSync(file, 'weights');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a checkpoint's hash is remembered from run to run, until the file changes", async () => {
  expect(await shortHash([file], cache)()).toBe(HASH);

  const known = join(cache, 'hashes.json');
  writeFileSync(known, readFileSync(known, 'utf8').replace(HASH, 'abcdefabcd'));
  expect(await shortHash([file], cache)()).toBe('abcdefabcd');

  writeFileSync(file, 'other weights');
  expect(await shortHash([file], cache)()).toBe(OTHER);
});

test('of a shelf full of LoRAs every one is remembered', async () => {
  const files = Array.from({ length: 300 }, (_, k) => join(folder, `${k}.safetensors`));
  for (const one of files) writeFileSync(one, one);
  await hashesOf(folder, files);
  const known = join(folder, 'hashes.json');
  const remembered = 'f'.repeat(64);
  writeFileSync(known, readFileSync(known, 'utf8').replace(/(?<="sha256":")\w+/g, remembered));
  expect(new Set((await hashesOf(folder, files)).values())).toEqual(new Set([remembered]));
});

test('without a folder to remember in, it is computed', async () => {
  writeFileSync(join(folder, 'a file'), '');
  expect(await shortHash([file], join(folder, 'a file'))()).toBe(HASH);
});

test('a file that went away is named', async () => {
  rmSync(file);
  await expect(shortHash([file], cache)()).rejects.toThrow(/model\.safetensors/);
});
