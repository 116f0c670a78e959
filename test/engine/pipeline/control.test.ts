import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openControlNet } from '../../../src/engine/checkpoint/controlnet.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { RequestError } from '../../../src/engine/errors.js';
import { parametersText, parseParameters } from '../../../src/engine/image/metadata/infotext.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import type { Networks, Tensor } from '../../../src/engine/networks.js';
import type { OpenOptions } from '../../../src/engine/open-options.js';
import { type Control, controlled } from '../../../src/engine/pipeline/control.js';
import { denoise } from '../../../src/engine/pipeline/denoise.js';
import type { Engine } from '../../../src/engine/pipeline/engine.js';
import type { Picture } from '../../../src/engine/pipeline/picture.js';
import { planOf } from '../../../src/engine/pipeline/request.js';
import { ControlNetworks } from '../../../src/engine/runtime/control-networks.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { openRuntime } from '../../../src/engine/runtime/runtime.js';
import type { Start } from '../../../src/engine/samplers/sampler.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { oracle, readNpy, secondOracle, wholeOracle } from '../../oracle.js';

const goldens = secondOracle('controlnet/goldens');

interface Case {
  id: string;
  kind: string;
  params: { S: number; scale: number; conditioning_scale: number; guess_mode?: boolean; strength?: number };
  inputs: Record<string, { file: string }>;
  outputs: Record<string, { file: string }>;
}

/** The checkpoint is too large for the repository. */
describe.skipIf(!wholeOracle)('whole pictures of diffusers', () => {
  const cases: Case[] = JSON.parse(readFileSync(`${goldens}/index.json`, 'utf8')).cases;
  const painted = cases.filter(({ kind }) => wholeOracle && /^control_(txt|img)2img$/.test(kind));
  let engine: Engine;
  let net: ControlNetworks;
  beforeAll(async () => {
    const model = (await openModel(oracle('ckpt/tiny/diffusers'))) as WeightsModel;
    const path = secondOracle('controlnet/ckpt/control_tiny_cldm.pth');
    const runtime = await openRuntime({ device: 'cpu', worker: false });
    net = new ControlNetworks(await openControlNet(path, model.unet), runtime);
    const refused = () => Promise.reject(new Error('not here'));
    engine = { model, networks: networksOn('cpu', model), safety: null, condition: refused };
  });
  afterAll(async () => {
    await net.release();
    await engine.networks.close();
  });

  test.each(painted)('$id', async ({ params, inputs, outputs }) => {
    const tensor = (name: string) =>
      readNpy(`${goldens}/${inputs[name]!.file}`) as { data: Float32Array; shape: number[] };
    const { conditioning_scale: weight, guess_mode: guess = false, S: steps, scale, strength } = params;
    const image = readNpy(`${goldens}/${inputs.control_u8!.file}`);
    const pixels = { width: image.shape[1]!, height: image.shape[0]!, data: image.data as Uint8Array };
    const plan = planOf(engine.model, {
      ...{ prompt: '', sampler: 'ddim', syntax: 'plain', steps, scale, seed: 0 },
      controls: [{ net, image: pixels, weight, guess }],
    });
    const from = tensor(strength === undefined ? 'x_T' : 'init_latent');
    const start: Start =
      strength === undefined ? { noise: from.data } : { latents: from.data, noise: tensor('noise').data, strength };
    const context = { cond: tensor('context'), uncond: tensor('uncond') };
    const shape = from.shape as [number, number, number, number];
    const { data } = await denoise(engine, plan, { at: async () => context }, shape, start, {});
    const golden = readNpy(`${goldens}/${outputs.latent!.file}`).data as Float32Array;
    const largest = data.reduce((most, value, k) => Math.max(most, Math.abs(value - golden[k]!)), 0);
    expect(largest).toBeLessThan(5e-3);
  });
});

describe('a picture steered by another', () => {
  const image: Pixels = {
    width: 40,
    height: 30,
    data: Uint8Array.from({ length: 40 * 30 * 3 }, (_, k) => (k * k) % 256),
  };
  const request = { prompt: 'a red apple', width: 64, height: 64, steps: 4, seed: 3, count: 2 };
  const open = (precision: 'full' | 'int8' = 'full', more: OpenOptions = {}) =>
    StableDiffusion.open(oracle('ckpt/nano/nano-ema-only.safetensors'), {
      ...{ device: 'cpu', precision, config: oracle('ckpt/nano/v1-nano.yaml'), useEma: true, ...more },
    });
  const path = secondOracle('controlnet/ckpt/control_nano_diffusers');
  let sd: StableDiffusion;
  let plain: Uint8Array[];
  let net: ControlNetworks;
  beforeAll(async () => {
    sd = await open();
    plain = (await sd.txt2img(request)).map(({ pixels }) => pixels.data);
    net = await sd.openControlNet(path);
  });
  afterAll(() => sd.close());
  const painted = async (...controls: Omit<Control, 'net' | 'image'>[]) => {
    const all = controls.map((control) => ({ net, image, ...control }));
    return (await sd.txt2img({ ...request, controls: all })).map(({ pixels }) => pixels.data);
  };

  test('is another one, and each picture of a batch is what it is alone', async () => {
    const both = await painted({});
    expect(both).not.toEqual(plain);
    const [second] = await sd.txt2img({ ...request, seed: 4, count: 1, controls: [{ net, image }] });
    expect(Buffer.compare(second!.pixels.data, both[1]!)).toBe(0);
  });

  test('is the same as without where it counts for nothing', async () => {
    expect(await painted({ weight: 0 })).toEqual(plain);
    expect(await painted({ start: 0.9 })).toEqual(plain);
    expect(await painted({ end: 0.2 })).toEqual(plain);
  });

  test('says that no step lies in the part that was asked for, and nothing of a weight of 0', async () => {
    const told = async (steps: number, ...controls: Partial<Control>[]) => {
      const notices: string[] = [];
      const all = controls.map((control) => ({ net, image, ...control }));
      const one = { ...request, steps, count: 1, controls: all };
      await sd.txt2img(one, { onNotice: (text, { code }) => code === 'nothingSteered' && notices.push(text) });
      return notices;
    };
    const part = { start: 0.4, end: 0.6 };
    expect(await told(2, part, {}, { weight: 0 })).toEqual([
      'control_nano_diffusers steered nothing: none of 2 steps lies between 0.4 and 0.6 of them. Take more steps, or a longer part.',
    ]);
    expect(await told(5, part)).toEqual([]);
  });

  // Half of four steps: k-diffusion's samplers take one more, LCM takes them all.
  test.each(['euler', 'ddim', 'lcm'] as const)(
    'is steered to the last step of a repainted picture, by %s',
    async (sampler) => {
      const repainted = async (end: number) => {
        const totals = new Set<number>();
        const { width, height, ...words } = request;
        const from = { width, height, data: new Uint8Array(3 * width * height).fill(90) };
        const how = { ...words, count: 1, image: from, strength: 0.5, sampler, controls: [{ net, image, end }] };
        const [picture] = await sd.img2img(how, { onProgress: ({ total }) => void totals.add(total) });
        expect([...totals]).toEqual([{ euler: 3, ddim: 2, lcm: 4 }[sampler]]);
        return picture!.pixels.data;
      };
      expect(await repainted(0.99)).not.toEqual(await repainted(1));
    },
  );

  test('is steered in a part of the steps, by several, and in guess mode', async () => {
    const all = [await painted({}), await painted({ end: 0.5 }), await painted({ guess: true }), await painted({}, {})];
    expect(new Set(all.map((pictures) => Buffer.from(pictures[0]!).toString('base64'))).size).toBe(4);
    // Two halves make a whole.
    const halves = await painted({ weight: 0.5 }, { weight: 0.5 });
    const off = halves[0]!.filter((byte, k) => Math.abs(byte - all[0]![0]![k]!) > 1).length;
    expect(off).toBe(0);
  });

  test('says so in its metadata, with what made the picture', async () => {
    const control = { net, image, weight: 0.7, end: 0.5, guess: true, preprocessor: 'canny' } as const;
    const [{ parameters }] = (await sd.txt2img({ ...request, controls: [control] })) as [Picture];
    const { controls } = parseParameters(parametersText(parameters));
    const model = expect.stringMatching(/^control_nano_diffusers \[[0-9a-f]{8}\]$/);
    const said = { module: 'canny', model, weight: 0.7, thresholds: [100, 200], start: 0, end: 0.5, guess: true };
    expect(controls).toMatchObject([said]);
  });

  test('a UNet for inpainting reads more channels than its ControlNet', async () => {
    const seen: number[][] = [];
    const spy = {
      factor: 8,
      hint: async (picture: Tensor) => picture,
      residuals: async ({ data, shape }: Tensor) => {
        seen.push([...shape]);
        expect([...data]).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
        return {};
      },
    } as unknown as ControlNetworks;
    const networks = { predictNoise: async (latents: Tensor) => latents } as unknown as Networks;
    const dot = { width: 8, height: 8, data: new Uint8Array(192) };
    const { predictNoise } = await controlled(networks, [{ net: spy, image: dot }], [2, 4, 1, 1], () => ({
      step: 0,
      total: 1,
    }));
    const nine = Float32Array.from({ length: 18 }, (_, k) => (k % 9 < 4 ? Math.floor(k / 9) + 1 : 99));
    const context = { data: new Float32Array(2), shape: [2, 1, 1] };
    await predictNoise({ data: nine, shape: [2, 9, 1, 1] }, Float32Array.of(1, 1), context);
    expect(seen).toEqual([[2, 4, 1, 1]]);
  });

  test('in int8 is nearly the same', async () => {
    await using other = await open('int8');
    const controls = [{ net: await other.openControlNet(path), image }];
    const [got] = await other.txt2img({ ...request, controls });
    const [want] = await painted({});
    const mean = got!.pixels.data.reduce((sum, byte, k) => sum + Math.abs(byte - want![k]!), 0) / want!.length;
    expect(mean).toBeLessThan(6);
  });

  test.each<[string, Partial<Control>, RegExp]>([
    ['weight', { weight: 3 }, /weight/],
    ['start', { start: -1 }, /start/],
    ['end', { end: 2 }, /end/],
    ['part', { start: 0.8, end: 0.2 }, /start is 0\.8, and must be less than end, which is 0\.2/],
    ['part, an empty one', { start: 1 }, /start is 1, and must be less than end/],
    ['picture', { image: { ...image, width: 41 } }, /controls\[0\]\.image is 41x30/],
  ])('a wrong %s is refused', async (_, control, message) => {
    const painting = sd.txt2img({ ...request, controls: [{ net, image, ...control }] });
    await expect(painting).rejects.toThrow(RequestError);
    await expect(painting).rejects.toThrow(message);
  });
});

describe('what is no ControlNet for a model is refused by name', () => {
  test.each<[string, string, string, RegExp]>([
    ['a checkpoint', 'ckpt/nano/nano-ema-only.safetensors', 'tiny', /there is no ControlNet in it/],
    ['one for another family', 'control_nano_diffusers', 'tiny', /prompts of width 8, the model's have 16/],
  ])('%s', async (_, path, base, message) => {
    const model = (await openModel(oracle(`ckpt/${base}/diffusers`))) as WeightsModel;
    const file = path.startsWith('control') ? secondOracle(`controlnet/ckpt/${path}`) : oracle(path);
    await expect(openControlNet(file, model.unet)).rejects.toThrow(message);
  });
});

test('a ControlNet is shown the latents of an inpainting model, and nothing of its mask', async () => {
  const [rows, side] = [2, 2];
  const shown: (readonly number[])[] = [];
  const net = {
    factor: 8,
    hint: async () => ({ data: new Float32Array(1), shape: [1, 1, 1, 1] }),
    residuals: async ({ data, shape }: Tensor) => {
      shown.push(shape, [...new Set(data)]);
      return {};
    },
  } as unknown as ControlNetworks;
  const networks = { predictNoise: async (latents: Tensor) => latents } as unknown as Networks;
  const image = { width: 16, height: 16, data: new Uint8Array(768) };
  const place = () => ({ step: 0, total: 1 });
  const { predictNoise } = await controlled(networks, [{ net, image }], [rows, 4, side, side], place);
  const channels = Float32Array.from({ length: rows * 9 * side * side }, (_, i) => Math.floor(i / side / side) % 9);
  const latents = { data: channels, shape: [rows, 9, side, side] };
  const seen = await predictNoise(latents, Float32Array.of(5, 5), { data: new Float32Array(2), shape: [2, 1, 1] });
  expect(shown).toEqual([
    [rows, 4, side, side],
    [0, 1, 2, 3],
  ]);
  expect(seen).toBe(latents);
});
