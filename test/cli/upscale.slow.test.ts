import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { DEFAULT_MODEL } from '../../src/config.js';
import { encodePng } from '../../src/engine/image/encode.js';
import { readMetadata } from '../../src/engine/image/metadata.js';
import { SIDE } from '../embedded.js';
import { secondOracle } from '../oracle.js';
import { read } from './pictures.js';
import { runEasel } from './run.js';

// Upscalers with random weights: that they were used is seen, not liked.

let folder: string;
let painted: string;
let photo: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-upscale-'));
  mkdirSync(join(folder, 'models/upscalers'), { recursive: true });
  vi.stubEnv('MODELS_DIR', join(folder, 'models'));
  photo = join(folder, 'photo.jpg');
  await sharp('test/fixtures/control/picture.png').resize(150, 101).jpeg().toFile(photo);
  const first = ['--prompt', 'a fox', '--ddim_steps', '2', '--n_samples', '1', '--n_iter', '1', '--skip_grid'];
  await runEasel(['txt2img', ...first, '--outdir', join(folder, 'first')]);
  painted = join(folder, 'first/samples/00000.png');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});
const outdir = () => join(folder, 'out');
afterEach(() => rmSync(outdir(), { recursive: true, force: true }));

const upscale = (...argv: string[]) => runEasel(['upscale', ...argv, '--outdir', outdir()]);
const made = async (name = '00000.png') => {
  const file = join(outdir(), 'samples', name);
  return { ...(await read(file)), parameters: await readMetadata(readFileSync(file)) };
};
const put = (name: string, as: string) =>
  cpSync(secondOracle(`upscalers/ckpt/${name}-tiny.pth`), join(folder, 'models/upscalers', as));

test('what the model that ships painted is enlarged by its own upscaler, which needs no name', async () => {
  const { out } = await upscale(painted);
  expect(out).toContain(`00000.png: ${SIDE}x${SIDE} to ${4 * SIDE}x${4 * SIDE}`);
  const { parameters } = await made();
  expect(parameters).toMatchObject({ prompt: 'a fox', other: { 'Postprocess upscaler': 'easel-x4' } });
});

test('so is what a model painted that shipped before', async () => {
  const file = join(folder, 'earlier.png');
  const size = { width: SIDE, height: SIDE };
  const said = { prompt: 'a fox', negative: '', steps: 20, seed: 1, scale: 4, ...size, model: 'easel-128', other: {} };
  writeFileSync(file, await encodePng(await read(painted), said));
  const { out, err } = await upscale(file);
  expect(out, err).toContain(`earlier.png: ${SIDE}x${SIDE} to ${4 * SIDE}x${4 * SIDE}`);
});

test('without one for any picture it says how to get one; details are painted on what Lanczos made', async () => {
  const { code, err } = await upscale(photo);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(
      new RegExp(
        `no upscaler for any picture in .*upscalers.*easel pull realesrgan-x4.*--with easel-x4 is for pictures of ${DEFAULT_MODEL}`,
      ),
    ),
  ]);
  const details = await upscale(photo, '--details', '--prompt', 'a fox', '--ddim_steps', '3');
  expect(details.err).not.toMatch(/^easel:/m);
  expect(
    details.err.match(new RegExp(`^.*${DEFAULT_MODEL} paints small pictures.* --strength 0\\.2\\.$`, 'gm')),
  ).toHaveLength(1);
  expect(details.err).not.toMatch(/strength 0 keeps/);
  const { width, parameters } = await made();
  expect([width, parameters]).toMatchObject([256, { prompt: 'a fox', strength: expect.any(Number), other: {} }]);
});

describe('with upscalers', () => {
  beforeAll(() => {
    put('esrgan-old', 'RealESRGAN_x4plus.pth');
    put('x2plus', 'x2.pth');
    put('general-x4v3', 'realesr-general-x4v3.pth');
    put('general-wdn-x4v3', 'realesr-general-wdn-x4v3.pth');
  });

  test('easel models lists them apart, and what is wrong with one', async () => {
    cpSync(photo, join(folder, 'models/upscalers/broken.pth'));
    const { out } = await runEasel(['models']);
    rmSync(join(folder, 'models/upscalers/broken.pth'));
    expect(out).toMatch(/^RealESRGAN_x4plus\n {2}upscaler, 4 times as large, for upscale --with$/m);
    expect(out).toMatch(/^x2\n {2}upscaler, 2 times as large/m);
    expect(out).toMatch(/^broken\n {2}unusable: .*a picture/m);
    expect(out).not.toMatch(/wdn/);
  });

  test.each([
    ['its name', 'RealESRGAN_x4plus'],
    ['the name that it is pulled by', 'realesrgan-x4'],
    ['a path', secondOracle('upscalers/ckpt/esrgan-old-tiny.pth')],
  ])('enlarges by %s, and keeps what the picture says', async (_, name) => {
    const { code, out } = await upscale(painted, photo, '--with', name);
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(
        `00000\\.png: ${SIDE}x${SIDE} to ${4 * SIDE}x${4 * SIDE}, .*00000\\.png\\n.*photo\\.jpg: 150x101 to 600x404, .*00001\\.png`,
      ),
    );
    const [first, second] = [await made(), await made('00001.png')];
    expect([first.width, second.width, second.height]).toEqual([4 * SIDE, 600, 404]);
    const told = { 'Postprocess upscale by': '4', 'Postprocess upscaler': expect.stringMatching(/x4plus|esrgan-old/) };
    expect(first.parameters).toMatchObject({ prompt: 'a fox', steps: 2, seed: 42, width: SIDE, other: told });
    expect(second.parameters).toMatchObject({ prompt: '', other: told });
  });

  test('other factors, and how much noise is removed', async () => {
    await upscale(painted, '--with', 'x2', '--by', '4');
    expect((await made()).width).toBe(4 * SIDE);
    await upscale(painted, '--with', 'realesr-general-x4v3', '--by', '2');
    await upscale(painted, '--with', 'realesr-general-x4v3', '--by', '2', '--denoise_strength', '0.2');
    const [all, less] = [await made('00001.png'), await made('00002.png')];
    expect([all.width, less.width]).toEqual([2 * SIDE, 2 * SIDE]);
    expect(less.data).not.toEqual(all.data);
  });

  test('paints details on what it made, and says both', async () => {
    const { out } = await upscale(
      painted,
      '--with',
      'x2',
      '--details',
      '--strength',
      '0.5',
      '--ddim_steps',
      '4',
      '--json',
    );
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; phase?: string; step?: number; total?: number });
    const steps = events
      .filter(({ event }) => event === 'progress')
      .map(({ phase, step, total }) => `${phase} ${step}/${total}`);
    // Each of the enlarger's tiles, three by three of them, counts as a step. The card's sampler is one of
    // k-diffusion's, which takes trunc(strength * steps) + 1 more.
    const enlarged = Array.from({ length: 9 }, (_, k) => `enlarge ${k + 1}/12`);
    const denoised = [10, 11, 12].map((step) => `denoise ${step}/12`);
    expect(steps).toEqual([...enlarged, 'encode 9/12', ...denoised, 'decode 12/12']);
    const { width, parameters } = await made();
    const other = { 'Hires upscale': '2', 'Hires upscaler': 'x2' };
    expect([width, parameters]).toMatchObject([2 * SIDE, { strength: 0.5, steps: 4, prompt: 'a fox', other }]);
  });

  test('what is transparent stays so', async () => {
    const file = join(folder, 'alpha.png');
    const left = { create: { width: 10, height: 20, channels: 4, background: '#f00' } } as const;
    const clear = { create: { width: 20, height: 20, channels: 4, background: '#0000' } } as const;
    await sharp(clear)
      .composite([{ input: await sharp(left).png().toBuffer(), left: 0, top: 0 }])
      .png()
      .toFile(file);
    await upscale(file, '--with', 'x2');
    const { data, info } = await sharp(join(outdir(), 'samples/00000.png')).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 40, height: 40, channels: 4 });
    const alpha = (x: number) => data[(20 * 40 + x) * 4 + 3];
    expect([alpha(5), alpha(35)]).toEqual([255, 0]);
  });

  test.each<[string, string[], RegExp]>([
    [
      'several and no name',
      [],
      /Say which upscaler: --with NAME\. There are: realesr-general-x4v3, RealESRGAN_x4plus, x2, easel-x4\./,
    ],
    ['a name that is not there', ['--with', 'swin'], /no upscaler "swin" in .*There are: /],
    ['a model', ['--with', 'test/fixtures/control/picture.png'], /a picture/],
    ['a factor that is too large', ['--with', 'x2', '--by', '9'], /--by must be from 1 to 8/],
    [
      'a prompt without details',
      ['--with', 'x2', '--prompt', 'a fox'],
      /--prompt is for painting details: add --details/,
    ],
    ['noise for another', ['--with', 'x2', '--denoise_strength', '0.5'], /wdn-x4v3 beside it/],
  ])('%s is refused in words', async (_, argv, message) => {
    const { code, err } = await upscale(photo, ...argv);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  });
});
