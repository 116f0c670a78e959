import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/engine/package-root.js';

const read = (name: string) => readFileSync(join(packageRoot, name), 'utf8');
const listed = execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
  cwd: packageRoot,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
});
// A list of packages, or, with a later npm, an object of them.
const [{ files }] = Object.values(JSON.parse(listed)) as [{ files: { path: string }[] }];
const packed = files.map(({ path }) => path);
const has = (path: string) => packed.some((file) => file === path || file.startsWith(`${path}/`));

test('npm pack has what runs, and its types', () => {
  const { bin, exports } = JSON.parse(read('package.json'));
  const entries = [
    bin.easel,
    exports['.'].types,
    exports['.'].default,
    './dist/src/main.js',
    './dist/commands/table.js',
  ];
  expect(entries.filter((path) => !has(path.replace('./', '')))).toEqual([]);
});

test('npm pack has every file that Easel looks up beside its package.json', () => {
  const lookedUp = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...read(join('src', name)).matchAll(/join\(packageRoot, '([^']+)'/g)].map(([, path]) => path!));
  expect(lookedUp).toContain('src/bot/text/locales');
  // LoRAs are the owner's.
  expect(lookedUp.filter((path) => path !== 'models/lora' && !has(path))).toEqual([]);
});

test('npm pack has every model that ships, whole', () => {
  const options = { cwd: packageRoot, encoding: 'utf8' } as const;
  const tracked = execFileSync('git', ['ls-files', 'models'], options).trim().split('\n');
  expect(tracked.filter((path) => !has(path))).toEqual([]);
});

test('npm pack has nothing that only developers need', () => {
  const kept = /^(dist\/(commands|page|src)|models|src\/bot\/(fonts|text\/locales))\/|^[^/]+$/;
  expect(packed.filter((path) => !kept.test(path) || path.endsWith('.map'))).toEqual([]);
});
