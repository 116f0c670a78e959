import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../src/config.js';
import { loadPicture } from '../../src/engine/image/load.js';
import { readMetadata } from '../../src/engine/image/metadata.js';
import { packageRoot } from '../../src/package-root.js';
import { SIDE } from '../embedded.js';

/** Where TypeScript is written for readers, with what each piece leaves behind or says. */
const EXAMPLES = ['README.md', 'docs/library.md', 'src/engine/README.md'].flatMap((page) =>
  [...readFileSync(join(packageRoot, page), 'utf8').matchAll(/^```ts\n(import [\s\S]+?)^```$/gm)].map(
    ([, code], k) => ({
      name: `${page.replace(/\W/g, '-')}-${k + 1}`,
      code: code!,
    }),
  ),
);

/** Those that need nothing but what comes with the library. */
const RUNNABLE = EXAMPLES.filter(({ code }) => !code.includes('clip-vit-large-patch14'));

/** What a consumer must be able to name, because signatures do. */
const NAMES = `
import { readMetadata, SAMPLERS, StableDiffusion, TorchGenerator, watermark } from '@easel/engine';
import type { Device, EmbeddingFile, Embeddings, OwnSampler, Painted, PaintOptions, SampleOptions, Sampler, StepEnd, Generator, LoadOptions, PipelineRequest, ReadParameters, Tensor } from '@easel/engine';

export const common: Omit<PipelineRequest, 'prompt'> = { steps: 4 };
export const alpha: LoadOptions = { alpha: 'white' };
export const generator: Generator = new TorchGenerator(1);
export function open(device: Device, embeddings: EmbeddingFile[]): Promise<StableDiffusion> {
  return StableDiffusion.open('model', { device, embeddings });
}
export const noop: Sampler = (options: SampleOptions) => SAMPLERS.euler.sample(options);
export const own: OwnSampler = { title: 'Noop', sample: noop };
export const options: PaintOptions = { onStep: async ({ latents }: StepEnd) => ({ latents }) };
export const latents = (sd: StableDiffusion, words: Embeddings): Promise<Painted<'latents'>[]> =>
  sd.txt2img({ ...words, output: 'latents' });
export const read = (file: Uint8Array): Promise<ReadParameters | null> => readMetadata(file);
export const twice = (sd: StableDiffusion): Promise<Tensor> =>
  sd.encode(watermark({ width: 1, height: 1, data: new Uint8Array(3) }), 2, generator);
`;

/** What `tsc --init` turns on. */
const STRICTEST = [
  '--strict',
  '--noUncheckedIndexedAccess',
  '--exactOptionalPropertyTypes',
  '--verbatimModuleSyntax',
  '--isolatedModules',
  '--noUncheckedSideEffectImports',
  ...['--moduleDetection', 'force'],
];

/** A project that has installed the pack; what Easel depends on is there by links. */
let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'easel-consumer-'));
  const modules = join(project, 'node_modules');
  mkdirSync(modules);
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', project], {
    cwd: join(packageRoot, 'src/engine'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  execFileSync('tar', ['-xzf', packed.trim()], { cwd: project });
  const engine = join(modules, '@easel/engine');
  mkdirSync(join(modules, '@easel'));
  renameSync(join(project, 'package'), engine);
  // The script of the package that was left out does the same.
  for (const name of [DEFAULT_MODEL, 'clip-tokenizer']) {
    cpSync(join(packageRoot, 'models', name), join(engine, 'models', name), { recursive: true });
  }
  for (const name of readdirSync(join(packageRoot, 'node_modules')).filter((name) => name !== '@easel')) {
    symlinkSync(join(packageRoot, 'node_modules', name), join(modules, name), 'junction');
  }
  mkdirSync(join(project, 'loras'));
  copyFileSync('test/fixtures/lora/kohya.safetensors', join(project, 'loras/ink.safetensors'));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(project, 'names.ts'), NAMES);
  for (const { name, code } of EXAMPLES) writeFileSync(join(project, `${name}.ts`), code);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('what is written for users of the library', () => {
  test('compiles in a project that has installed the pack, and so does whatever signatures name', () => {
    const tsc = join(packageRoot, 'node_modules/typescript/bin/tsc');
    const options = ['--target', 'es2022', '--module', 'nodenext', '--types', 'node', ...STRICTEST];
    const files = readdirSync(project).filter((name) => name.endsWith('.ts'));
    const { stdout } = spawnSync(process.execPath, [tsc, ...options, ...files], { cwd: project, encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(files).toHaveLength(EXAMPLES.length + 1);
  });

  const said: Record<string, string> = {};
  test.each(RUNNABLE)('runs as it stands: $name', ({ name }) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [`${name}.js`], { cwd: project, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    said[name] = stdout;
  });

  test('leaves pictures that say how they were made', async () => {
    const apple = join(project, 'apple.png');
    expect(await readMetadata(readFileSync(apple))).toMatchObject({ prompt: 'a red apple', seed: 42, width: SIDE });
    expect(await loadPicture(join(project, 'bird.png'))).toMatchObject({ width: 2 * SIDE, height: 2 * SIDE });
    expect(['apples-7.png', 'apples-8.png'].filter((name) => !existsSync(join(project, name)))).toEqual([]);
  });

  test('stops when it is told to', () => {
    const [lines] = Object.values(said).filter((text) => text.includes('step 1 of 50'));
    const printed = lines!.trim().split('\n');
    const steps = printed.filter((line) => line.startsWith('step'));
    expect(steps).toEqual([1, 2, 3].map((step) => expect.stringContaining(`step ${step} of 50, `)));
    expect(printed.filter((line) => line === 'preview 16 pixels wide')).toHaveLength(3);
    expect(printed).toContain('stopped');
  });
});
