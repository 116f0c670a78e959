import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { controlNetsIn } from '../../../src/engine/checkpoint/controlnets.js';
import { describeCheckpoint } from '../../../src/engine/checkpoint/describe.js';
import { modelsBelow } from '../../../src/engine/checkpoint/models-below.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { temporaryFolder } from '../../bot/servers.js';
import { secondOracle } from '../../oracle.js';

let folder: string;
let remove: () => void;
beforeEach(() => {
  const made = temporaryFolder();
  folder = made.path;
  remove = () => made[Symbol.dispose]();
});
afterEach(() => remove());

function put(name: string, content = ''): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

async function found(): Promise<Record<string, string | undefined>> {
  return Object.fromEntries((await controlNetsIn(folder)).map(({ name, kind }) => [name, kind]));
}

test('files and folders are found by name, and what they are for by name, config or card', async () => {
  put('controlnet/control_v11p_sd15_canny/diffusion_pytorch_model.safetensors');
  put('controlnet/control_v11p_sd15_canny/licence.txt');
  put('controlnet/control_v11f1e_sd15_tile.pth');
  put('controlnet/control_v11f1e_sd15_tile.yaml');
  put('controlnet/lllyasviel/sd-controlnet-openpose/diffusion_pytorch_model.bin');
  put('ControlNet/control_sd15_seg.safetensors');
  put('controlnet/mine.safetensors');
  put('controlnet/mine.easel.json', '{"control": "depth"}');
  put('controlnet/other/model.safetensors');
  put('controlnet/other/config.json', '{"_name_or_path": "lllyasviel/control_v11p_sd15_lineart"}');
  put('controlnet/broken/model.safetensors');
  put('controlnet/broken/config.json', '{');
  expect(await found()).toEqual({
    broken: undefined,
    control_sd15_seg: 'seg',
    control_v11f1e_sd15_tile: 'tile',
    control_v11p_sd15_canny: 'canny',
    mine: 'depth',
    other: 'lineart',
    'sd-controlnet-openpose': 'pose',
  });
});

test.each([
  ['control_v11p_sd15_scribble', 'scribble'],
  ['control_v11p_sd15s2_lineart_anime', 'lineart'],
  ['control_v11f1p_sd15_depth_fp16', 'depth'],
  ['control_v11p_sd15_mlsd', undefined],
  ['control_v11p_sd15_inpaint', undefined],
  ['qrCodeMonster_v20', undefined],
  ['tilework-reptile', 'tile'],
  ['reptiles', undefined],
])('%s is for %s', async (name, kind) => {
  put(`controlnet/${name}.safetensors`);
  expect(await found()).toEqual({ [name]: kind });
});

test('without the folder there are none, and links that lead in circles end', async () => {
  expect(await found()).toEqual({});
  mkdirSync(join(folder, 'controlnet'));
  symlinkSync(join(folder, 'controlnet'), join(folder, 'controlnet/again'));
  put('controlnet/canny.safetensors');
  expect((await controlNetsIn(folder)).map(({ name }) => name)).toEqual(['canny']);
});

test('neither they nor upscalers are among the models', async () => {
  put('sd.safetensors');
  put('controlnet/control_v11p_sd15_canny/diffusion_pytorch_model.safetensors');
  put('controlnet/control.safetensors');
  put('upscalers/RealESRGAN_x4plus.safetensors');
  put('ESRGAN/4x.ckpt');
  expect(await modelsBelow(folder)).toEqual(['sd.safetensors']);
});

test.each(['control_nano_diffusers', 'control_nano_cldm_noprefix.safetensors'])(
  '%s is described as what it is, and is no model',
  async (name) => {
    const path = secondOracle(`controlnet/ckpt/${name}`);
    const { architecture, codes } = await describeCheckpoint(path, { hash: false });
    expect([architecture, codes]).toEqual([expect.stringMatching(/^a ControlNet/), ['isControlNet']]);
    await expect(openModel(path)).rejects.toMatchObject({ code: 'isControlNet' });
  },
);
