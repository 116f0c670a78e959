import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../src/engine/checkpoint/describe.js';
import { openModel } from '../../src/engine/checkpoint/open.js';
import { parametersText, parseParameters } from '../../src/engine/image/metadata/infotext.js';
import { ControlNetworks } from '../../src/engine/runtime/control-networks.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';
import {
  expectAlike,
  type KinCase,
  type KinName,
  kin,
  kinPicture,
  paintedByDiffusers,
  paintKin,
  writeKinFile,
} from './kin.js';

// One picture of each kind; kin-pictures.slow.test.ts has the others.

let folder: string;
const files = {} as Record<KinName, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-kin-'));
  for (const name of ['sd2', 'inpaint', 'edit'] as const) {
    files[name] = await writeKinFile(join(folder, `${name}.safetensors`), name);
  }
});
afterAll(() => rm(folder, { recursive: true }));

const one = (id: string): KinCase => kin.cases.find((known) => known.id === id)!;

describe("paints diffusers' picture:", () => {
  test('Stable Diffusion 2.x that predicts v', async () => {
    await writeFile(join(folder, 'sd2.easel.json'), JSON.stringify({ predictionType: 'v_prediction' }));
    await using sd = await StableDiffusion.open(files.sd2, { device: 'cpu' });
    expectAlike(await paintKin(sd, one('sd2-v')), paintedByDiffusers(one('sd2-v')));
  });

  test('a checkpoint made for inpainting', async () => {
    await using sd = await StableDiffusion.open(files.inpaint, { device: 'cpu' });
    expectAlike(await paintKin(sd, one('inpaint-0.6')), paintedByDiffusers(one('inpaint-0.6')));
    const asked = sd.img2img({ prompt: 'x', image: kinPicture(), steps: 1, imageScale: 1.5 });
    await expect(asked).rejects.toThrow(/imageScale is for models that edit pictures/);
  });

  test('InstructPix2Pix, which refuses to paint from words alone, and ControlNets', async () => {
    await using sd = await StableDiffusion.open(files.edit, { device: 'cpu' });
    expectAlike(await paintKin(sd, one('edit-1.5')), paintedByDiffusers(one('edit-1.5')));
    const needs = { meaning: { code: 'needsPicture', values: {} } };
    await expect(sd.txt2img({ prompt: 'x', width: 64, height: 64 })).rejects.toMatchObject(needs);
    const net: ControlNetworks = Object.create(ControlNetworks.prototype);
    const controls = [{ net, image: kinPicture() }];
    await expect(sd.img2img({ prompt: 'x', image: kinPicture(), controls })).rejects.toThrow(/cannot steer/);
  });
});

describe('what a file of 2.x predicts', () => {
  test('is what its card says, before a YAML beside it and its name', async () => {
    const path = join(folder, '768-v.safetensors');
    await copyFile(files.sd2, path);
    const yaml = join(folder, '768-v.yaml');
    await writeFile(yaml, 'model: { params: { parameterization: v } }');
    await writeFile(join(folder, '768-v.easel.json'), JSON.stringify({ predictionType: 'epsilon' }));
    await expect(openModel(path)).resolves.toMatchObject({ schedule: { predictionType: 'epsilon' }, warnings: [] });
    const named = await openModel(path, { config: yaml });
    expect(named.schedule.predictionType).toBe('v_prediction');
  });
});

test('a picture that was edited says how far it kept to the other, as in AUTOMATIC1111', () => {
  const said = { prompt: 'make it winter', steps: 1, sampler: 'DDIM', scale: 5, imageScale: 1.5, seed: 1 };
  const text = parametersText({ ...said, width: 64, height: 64 });
  expect(text).toContain('CFG scale: 5, Image CFG scale: 1.5, Seed: 1');
  expect(parseParameters(text).imageScale).toBe(1.5);
});

test.each([
  ['sd2', { purpose: 'paint', tasks: ['txt2img', 'img2img', 'inpaint'], prompt: 'description' }],
  ['inpaint', { purpose: 'inpaint', tasks: ['txt2img', 'img2img', 'inpaint'], prompt: 'description' }],
  ['edit', { purpose: 'edit', tasks: ['img2img', 'inpaint'], prompt: 'instruction' }],
] as const)('what %s can do is described', async (name, abilities) => {
  await expect(describeCheckpoint(files[name], { hash: false })).resolves.toMatchObject({ abilities });
});
