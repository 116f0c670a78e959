import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../src/config.js';
import { oracle } from '../oracle.js';
import { swiftShader } from '../swiftshader.js';
import { psnr, read } from './pictures.js';

const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.js');

let folder: string;
let env: NodeJS.ProcessEnv;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-webgpu-'));
  env = { ...process.env, ...swiftShader() };
});
afterAll(() => rmSync(folder, { recursive: true }));

const easel = async (...argv: string[]) =>
  (await promisify(execFile)(process.execPath, [MAIN, ...argv], { env })).stdout;

test.each([
  ['the model that ships', ['--model', DEFAULT_MODEL]],
  ['the tiny checkpoint', ['--ckpt', oracle('ckpt/tiny/tiny.ckpt'), '--config', oracle('ckpt/tiny/v1-tiny.yaml')]],
])('easel txt2img --device webgpu paints what the processor paints: %s', async (name, model) => {
  const size = ['--W', '64', '--H', '64', '--ddim_steps', '2', '--n_samples', '1', '--n_iter', '1', '--skip_grid'];
  const paint = async (device: string) => {
    const outdir = join(folder, name, device);
    await easel('txt2img', '--prompt', 'a red apple', ...model, ...size, '--outdir', outdir, '--device', device);
    return read(join(outdir, 'samples/00000.png'));
  };
  const [want, got] = [await paint('cpu'), await paint('webgpu')];
  expect(psnr(want, got)).toBeGreaterThan(45);
});

test('easel devices says that WebGPU is in software here, how exact it is, and that auto takes the processor', async () => {
  const devices = await easel('devices');
  expect(devices).toMatch(/^cpu: works \(--device auto takes this one\)$/m);
  expect(devices).toMatch(
    /^webgpu: works: SwiftShader, in software; float32 off by \de-\d of the range; no float16; plain/m,
  );
  const without = { ...process.env, VK_DRIVER_FILES: '/dev/null', VK_ICD_FILENAMES: '/dev/null' };
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'devices'], { env: without });
  expect(stdout).toMatch(/^webgpu: not available: \S.*$/m);
});
