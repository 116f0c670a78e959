import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../src/config.js';
import { encodePng } from '../../src/engine/image/encode.js';
import { loadPicture } from '../../src/engine/image/load.js';
import { readMetadata } from '../../src/engine/image/metadata.js';
import type { Pixels } from '../../src/engine/image/pixels.js';
import { readPictureFile } from '../../src/engine/image/source.js';
import { kinMask, kinPicture, writeKinFile } from '../engine/kin.js';
import { runEasel } from './run.js';

// Inpainting and editing on the command line.

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-cli-kin-'));
  for (const name of ['inpaint', 'edit'] as const) await writeKinFile(at(`${name}.safetensors`), name);
  const png = (pixels: Pixels) =>
    encodePng(pixels, { prompt: '', steps: 1, sampler: 'DDIM', scale: 1, width: 64, height: 64 });
  await writeFile(at('photo.png'), await png(kinPicture()));
  await writeFile(at('mask.png'), await png(kinMask()));
});
afterAll(() => rm(folder, { recursive: true }));

async function img2img(name: string, ...more: string[]) {
  const outdir = at(`out-${Math.random()}`);
  const { code, err } = await runEasel([
    ...['img2img', '--ckpt', at(`${name}.safetensors`), '--init-img', at('photo.png'), '--prompt', 'make it winter'],
    ...['--outdir', outdir, '--ddim_steps', '2', '--n_samples', '1', '--device', 'cpu', ...more],
  ]);
  expect([code, err]).toEqual([0, expect.any(String)]);
  const [file] = await readdir(join(outdir, 'samples'));
  const path = join(outdir, 'samples', file!);
  return { pixels: await loadPicture(path), read: await readMetadata(await readPictureFile(path)) };
}

test.each(['inpaint', 'edit'])('--mask keeps what is black: %s', async (name) => {
  const { pixels, read } = await img2img(name, '--mask', at('mask.png'));
  const [image, mask] = [kinPicture(), kinMask()];
  const kept = (data: Uint8Array) => data.filter((_, i) => mask.data[i] === 0);
  expect(kept(pixels.data)).toEqual(kept(image.data));
  expect(pixels.data).not.toEqual(image.data);
  expect(read).toMatchObject({ strength: 0.9, scale: 7.5 });
});

describe('a model that edits', () => {
  test('begins with noise and keeps to the picture by 1.5, or as --strength and --image_cfg_scale say', async () => {
    expect((await img2img('edit')).read).toMatchObject({ strength: 1, imageScale: 1.5, scale: 7.5 });
    const other = await img2img('edit', '--strength', '0.5', '--image_cfg_scale', '1.2');
    expect(other.read).toMatchObject({ strength: 0.5, imageScale: 1.2 });
  });

  test('is refused for words alone, and --image_cfg_scale for other models', async () => {
    const words = await runEasel([
      'txt2img',
      '--ckpt',
      at('edit.safetensors'),
      '--outdir',
      at('none'),
      '--device',
      'cpu',
    ]);
    expect(words.code).toBe(1);
    expect(words.err).toMatch(/edits a picture as it is told.*Use img2img with --init-img\.\n$/);
    const other = await runEasel([
      ...['img2img', '--ckpt', at('inpaint.safetensors'), '--init-img', at('photo.png'), '--outdir', at('none')],
      ...['--device', 'cpu', '--image_cfg_scale', '2'],
    ]);
    expect(other.code).toBe(1);
    expect(other.err).toMatch(/--image_cfg_scale is for models that edit pictures.*inpaint does not/);
  });
});

test('a model that edits is not what easel txt2img paints with by itself, though it was pulled last', async () => {
  const licence = at('edit.licence.txt');
  await writeFile(licence, 'InstructPix2Pix\n');
  const { MODELS_DIR } = process.env;
  process.env.MODELS_DIR = folder;
  try {
    const painting = ['txt2img', '--n_iter', '1', '--n_samples', '1', '--ddim_steps', '1', '--outdir', at('own')];
    const { code, out } = await runEasel([...painting, '--device', 'cpu']);
    expect([code, out]).toEqual([0, expect.stringContaining(DEFAULT_MODEL)]);
  } finally {
    if (MODELS_DIR === undefined) delete process.env.MODELS_DIR;
    else process.env.MODELS_DIR = MODELS_DIR;
    await rm(licence);
  }
});

test('easel models says what each can do, also as JSON', async () => {
  const { MODELS_DIR } = process.env;
  process.env.MODELS_DIR = folder;
  try {
    const { out } = await runEasel(['models']);
    expect(out).toMatch(
      /^edit\.safetensors\n.*\n {2}made to edit pictures; paints from a picture and inside a mask; the/m,
    );
    expect(out).toMatch(
      /^inpaint\.safetensors\n.*\n {2}made for inpainting; paints from words, from a picture, and inside/m,
    );
    const lines = (await runEasel(['models', '--json'])).out.trim().split('\n');
    const models = lines.map((line) => JSON.parse(line) as { name: string });
    expect(models.find(({ name }) => name === 'edit.safetensors')).toMatchObject({
      purpose: 'edit',
      tasks: ['img2img', 'inpaint'],
      prompt: 'instruction',
    });
  } finally {
    if (MODELS_DIR === undefined) delete process.env.MODELS_DIR;
    else process.env.MODELS_DIR = MODELS_DIR;
  }
  const { out } = await runEasel(['inspect', at('edit.safetensors')]);
  expect(out).toContain('use: made to edit pictures; ');
});
