import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modelsBelow } from '../../../src/engine/checkpoint/models-below.js';
import { tinyIn } from '../../../src/engine/checkpoint/tiny-autoencoder.js';
import { secondOracle } from '../../oracle.js';

test.each([
  ["diffusers' folder", 'diffusers', 'taesd'],
  ["the original's file", 'taesd_decoder.pth', 'taesd_decoder.pth'],
  ['where ComfyUI has it', 'taesd_decoder.pth', 'vae_approx/taesd_decoder.pth'],
])('%s of TAESD is found among the models, and is none', async (_, source, place) => {
  const folder = await mkdtemp(join(tmpdir(), 'easel-below-'));
  try {
    expect(tinyIn(folder)).toBeUndefined();
    await mkdir(join(folder, 'ldm/vae_approx'), { recursive: true });
    await writeFile(join(folder, 'ldm/model.ckpt'), '');
    await cp(secondOracle(`taesd/ckpt/${source}`), join(folder, place), { recursive: true });
    expect(tinyIn(folder)).toBe(join(folder, place));
    expect(await modelsBelow(folder)).toEqual(['ldm/model.ckpt']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
