import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Outdir } from '../../src/cli/outdir.js';
import { packageRoot } from '../../src/package-root.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-outdir-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const PROCESSES = 4;
const PICTURES = 50;

test('several processes that write to one folder overwrite nothing of each other', async () => {
  const script = `
    const { Outdir } = await import(${JSON.stringify(join(packageRoot, 'dist/src/cli/outdir.js'))});
    const outdir = await Outdir.open(process.argv[1]);
    for (let k = 0; k < ${PICTURES}; k++) {
      await outdir.addSample(Buffer.from(process.argv[2] + ' ' + k));
      await outdir.addGrid(Buffer.from(process.argv[2] + ' ' + k));
    }`;
  const run = (_: unknown, k: number) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script, folder, String(k)]);
  await Promise.all(Array.from({ length: PROCESSES }, run));
  const all = Array.from({ length: PROCESSES * PICTURES }, (_, k) => `${k % PROCESSES} ${Math.floor(k / PROCESSES)}`);
  const written = (path: string) =>
    readdirSync(path)
      .filter((name) => name.endsWith('.png'))
      .map((name) => readFileSync(join(path, name), 'utf8'));
  expect(written(join(folder, 'samples')).sort()).toEqual(all.sort());
  expect(written(folder).sort()).toEqual(all);
  expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))).toEqual([]);
});

test('counting goes on over names that are taken, by a file or a folder', async () => {
  mkdirSync(join(folder, 'samples/00001.png'), { recursive: true });
  writeFileSync(join(folder, 'samples/00002.png'), '');
  rmSync(join(folder, 'samples/00001.png'), { recursive: true });
  const outdir = await Outdir.open(folder);
  expect(await outdir.addSample(Buffer.from('a'))).toBe(join(folder, 'samples/00001.png'));
  expect(await outdir.addSample(Buffer.from('b'))).toBe(join(folder, 'samples/00003.png'));
});
