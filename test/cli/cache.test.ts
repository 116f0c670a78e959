import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../src/config.js';
import { runEasel } from './run.js';

let folder: string;
let before: string | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-cli-cache-'));
  before = process.env.EASEL_CACHE;
  process.env.EASEL_CACHE = join(folder, 'cache');
});
afterAll(() => {
  if (before === undefined) delete process.env.EASEL_CACHE;
  else process.env.EASEL_CACHE = before;
  rmSync(folder, { recursive: true, force: true });
});

test('easel cache shows what --precision int8 kept, and removes it', async () => {
  expect((await runEasel(['cache'])).out).toMatch(/^0 MB in .*int8$/m);
  const paint = [
    'txt2img',
    '--model',
    DEFAULT_MODEL,
    '--device',
    'cpu',
    '--precision',
    'int8',
    '--prompt',
    'a red apple',
  ];
  const sizes = ['--n_iter', '1', '--n_samples', '1', '--ddim_steps', '2', '--outdir', join(folder, 'out')];
  expect((await runEasel([...paint, ...sizes])).code).toBe(0);
  expect((await runEasel(['cache'])).out).toMatch(/^unet of .*: \d+ MB, last used \d{4}-\d\d-\d\d$/m);
  const { out } = await runEasel(['cache', '--json']);
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const unet = { event: 'cached', note: expect.stringMatching(/^unet of /) };
  expect(events).toContainEqual(expect.objectContaining(unet));
  expect((await runEasel(['cache', '--clear'])).out).toMatch(/^Removed \d+ MB from /);
  expect(readdirSync(join(folder, 'cache', 'int8')).filter((name) => name.endsWith('.safetensors'))).toEqual([]);
});

test('it also shows and removes the code that Node keeps compiled', async () => {
  const compiled = join(folder, 'cache', 'compiled');
  mkdirSync(join(compiled, 'v26'), { recursive: true });
  writeFileSync(join(compiled, 'v26', 'a'), Buffer.alloc(2e6));
  expect((await runEasel(['cache'])).out).toMatch(/^2 MB in .*compiled$/m);
  const { out } = await runEasel(['cache', '--json']);
  expect(out).toContain(`"bytes":2000000`);
  expect((await runEasel(['cache', '--clear'])).out).toMatch(/^Removed 2 MB from .*compiled\.$/m);
  expect(existsSync(compiled)).toBe(false);
});
