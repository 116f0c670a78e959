import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { version } from '../../src/engine/version.js';
import { packageRoot } from '../../src/package-root.js';

const read = (name: string) => readFileSync(join(packageRoot, name), 'utf8');
const manifest = JSON.parse(read('package.json'));
const engine = JSON.parse(read('src/engine/package.json'));

/** What `npm pack` puts into a package. */
function packedIn(folder: string): string[] {
  const listed = execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
    cwd: join(packageRoot, folder),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // A list of packages, or, with a later npm, an object of them.
  const [{ files }] = Object.values(JSON.parse(listed)) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path);
}

const lacking = (packed: string[], paths: string[]) =>
  paths.filter((path) => !packed.some((file) => file === path || file.startsWith(`${path}/`)));

/** Arguments of a call in the sources: `lookedUp(/join\(packageRoot, '([^']+)'/g)`. */
function lookedUp(call: RegExp): string[] {
  return readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .flatMap((name) => [...read(join('src', name)).matchAll(call)].map(([, path]) => path!));
}

describe('the package of the bot', () => {
  const packed = packedIn('.');

  test('has what runs', () => {
    expect(lacking(packed, [manifest.bin.easel, 'dist/src/main.js'])).toEqual([]);
  });

  test('has every file that it looks up beside its package.json', () => {
    const files = lookedUp(/join\(packageRoot, '([^']+)'/g);
    expect(files).toContain('src/bot/text/locales');
    const [, entries] = /entry: (.+),/.exec(read('src/bot/painter/child-process.ts'))!;
    const children = [...entries!.matchAll(/'(\w+\.js)'/g)].map(([, name]) => `dist/src/bot/painter/${name}`);
    expect(children).toContain('dist/src/bot/painter/child.js');
    expect(lacking(packed, [...files, ...children])).toEqual([]);
  });

  test('leaves the models and the library to the engine, of which it takes the very version', () => {
    expect(manifest.dependencies['@easel/engine']).toBe(manifest.version);
    expect([engine.version, version]).toEqual([manifest.version, manifest.version]);
    expect(packed.filter((path) => path.startsWith('models/'))).toEqual([]);
  });

  test('has nothing that only developers need', () => {
    const kept = /^(dist\/(page|src)|src\/bot\/(fonts|text\/locales))\/|^[^/]+$/;
    expect(packed.filter((path) => !kept.test(path) || /\.(map|d\.ts)$/.test(path))).toEqual([]);
  });
});

describe('the package of the engine', () => {
  const packed = packedIn('src/engine');

  test('has its entry, its types, and what runs in threads and processes of its own', () => {
    const { types, default: entry } = engine.exports['.'];
    const compiled = lookedUp(/compiledFile\('([^']+)'/g).map((path) => `dist/${path}`);
    expect(compiled).toContain('dist/runtime/thread-entry.js');
    expect(lacking(packed, [types.slice(2), entry.slice(2), ...compiled, 'README.md', 'LICENSE'])).toEqual([]);
  });

  test('gets every model that ships, whole', () => {
    const options = { cwd: packageRoot, encoding: 'utf8' } as const;
    const tracked = execFileSync('git', ['ls-files', 'models'], options).trim().split('\n');
    // They are copied when it is packed; what is copied is what its package.json names.
    const names = (entry: string, path: string) => path === entry || path.startsWith(`${entry}/`);
    expect(tracked.filter((path) => !engine.files.some((entry: string) => names(entry, path)))).toEqual([]);
  });

  test('has nothing that only developers need', () => {
    expect(packed.filter((path) => !/^(dist|models)\/|^[^/]+\.(json|md)$|^LICENSE$/.test(path))).toEqual([]);
    expect(packed.filter((path) => path.endsWith('.map') || path.startsWith('tsconfig'))).toEqual([]);
  });

  test('imports nothing that it does not declare, and declares nothing that it does not import', () => {
    const sources = readdirSync(join(packageRoot, 'src/engine'), { recursive: true, encoding: 'utf8' });
    const imported = sources
      .filter((name) => name.endsWith('.ts') && !name.startsWith('dist'))
      .flatMap((name) => [
        ...read(join('src/engine', name)).matchAll(/(?:from |import\()'((?:@[^/']+\/)?[^@./'][^/':]*)'/g),
      ])
      .map(([, name]) => name!);
    expect([...new Set(imported)].filter((name) => name !== 'easel').sort()).toEqual(Object.keys(engine.dependencies));
  });
});
