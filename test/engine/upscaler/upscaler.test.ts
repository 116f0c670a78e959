import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { openUpscaler } from '../../../src/engine/checkpoint/upscaler.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { cut } from '../../../src/engine/image/region.js';
import { resize } from '../../../src/engine/image/resize.js';
import { rolled } from '../../../src/engine/image/resize-tile.js';
import { Upscaler } from '../../../src/engine/upscaler/upscaler.js';
import { oracle, readNpy, secondOracle, wholeOracle } from '../../oracle.js';
import { float32, type Made, takeApart, writeSafetensors } from '../checkpoint/write-safetensors.js';

/** Numbers of spandrel's networks on random weights (the oracle's second part, docs/upscalers.md). */
const CKPT = secondOracle('upscalers/ckpt');
const file = (name: string) => join(CKPT, `${name}-tiny.pth`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-upscalers-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function picture(path: string): Pixels {
  const { data, shape } = readNpy(path);
  return { width: shape[1]!, height: shape[0]!, data: data as Uint8Array };
}

const input = (id: string) => picture(secondOracle(`upscalers/goldens/${id}/image_u8.npy`));
const golden = (id: string) => picture(secondOracle(`upscalers/goldens/${id}/out_u8.npy`));

function largestDifference(a: Pixels, b: Pixels): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
}

async function enlarged(path: string, id: string, denoise?: number): Promise<Pixels> {
  await using upscaler = await Upscaler.open(path, { device: 'cpu', ...(denoise !== undefined && { denoise }) });
  return upscaler.enlarge(input(id));
}

/** Writes a file's tensors under other names. */
async function renamed(from: string, name: string, rename: (key: string) => string | undefined): Promise<string> {
  const path = join(folder, name);
  const made = [...(await takeApart(from))].flatMap(([key, tensor]) => {
    const other = rename(key);
    return other === undefined ? [] : [[other, tensor] as const];
  });
  await writeSafetensors(path, new Map<string, Made>(made));
  return path;
}

/** ESRGAN's names to Real-ESRGAN's. */
const modern = (key: string) =>
  key
    .replace(/^model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\./, 'body.$1.rdb$2.conv$3.')
    .replace(/^model\.1\.sub\.\d+\./, 'conv_body.')
    .replace('model.0.', 'conv_first.')
    .replace('model.3.', 'conv_up1.')
    .replace('model.6.', 'conv_up2.')
    .replace('model.8.', 'conv_hr.')
    .replace('model.10.', 'conv_last.');

const bsrgan = (key: string) =>
  modern(key)
    .replace(/^body\.(\d+)\.rdb/, 'RRDB_trunk.$1.RDB')
    .replace('conv_body', 'trunk_conv')
    .replace('conv_up', 'upconv')
    .replace('conv_hr', 'HRconv');

/** The picture as it is where a seamless pattern of it is looked at from farther left. */
function shifted(picture: Pixels, by: number): Pixels {
  const { data, width } = rolled(picture, by, 0);
  const { height } = picture;
  return cut({ data, width, height }, { left: 1, top: 0, width: picture.width, height });
}

describe('the oracle', () => {
  const few = [
    ['esrgan_old', 'esrgan-old'],
    ['x2plus', 'x2plus'],
    ['x2plus_odd', 'x2plus'],
    ['general_x4v3', 'general-x4v3'],
  ];
  const rest = [
    ['x4plus', 'x4plus'],
    ['anime6b', 'anime6b'],
    ['esrgan_old_x2', 'esrgan-old-x2'],
    ['animevideov3', 'animevideov3'],
  ];
  test.each([...few, ...(wholeOracle ? rest : [])])('%s', async (id, name) => {
    expect(largestDifference(await enlarged(file(name!), id!), golden(id!))).toBeLessThanOrEqual(1);
  });

  test.each(['0.2', ...(wholeOracle ? ['0.5'] : [])])('removes less noise: %s', async (strength) => {
    const id = `general_x4v3_denoise${strength}`;
    const found = await enlarged(file('general-x4v3'), id, Number(strength));
    expect(largestDifference(found, golden(id))).toBeLessThanOrEqual(1);
  });
});

describe('names and wrappers', () => {
  test.each<[string, (key: string) => string]>([
    ["Real-ESRGAN's", modern],
    ['the averaged weights of two', (key) => `params_ema.${modern(key)}`],
    ["BSRGAN's", bsrgan],
    ['a training program’s', (key) => `netG.module.${modern(key)}`.replace('netG.module.', 'params.module.')],
    ["ESRGAN's own, in safetensors", (key) => key],
  ])('%s', async (_, rename) => {
    const path = await renamed(file('esrgan-old'), 'renamed.safetensors', rename);
    expect(largestDifference(await enlarged(path, 'esrgan_old'), golden('esrgan_old'))).toBeLessThanOrEqual(1);
  });

  const drop =
    (...stages: RegExp[]) =>
    (key: string) =>
      stages.some((stage) => stage.test(key)) ? undefined : key;
  test('the scale follows from the tensors: 1, 2, 4 and 8, in both namings', async () => {
    const old = file('esrgan-old');
    const scaleOf = async (rename: (key: string) => string | undefined, more: Record<string, string> = {}) => {
      const path = await renamed(old, 'scale.safetensors', rename);
      const made = await takeApart(path);
      for (const [to, from] of Object.entries(more)) {
        for (const part of ['weight', 'bias']) made.set(`${to}.${part}`, made.get(`${from}.${part}`)!);
      }
      await writeSafetensors(path, made);
      return (await openUpscaler(path)).config.scale;
    };
    const place = (key: string, hr: number, last: number) =>
      key.replace('model.8.', `model.${hr}.`).replace('model.10.', `model.${last}.`);
    expect(await scaleOf((key) => key)).toBe(4);
    expect(await scaleOf((key) => drop(/^model\.6\./)(key) && place(key, 5, 7))).toBe(2);
    expect(await scaleOf((key) => drop(/^model\.[36]\./)(key) && place(key, 2, 4))).toBe(1);
    expect(await scaleOf((key) => place(key, 11, 13), { 'model.9': 'model.6' })).toBe(8);
    expect(await scaleOf(modern, { conv_up3: 'conv_up2' })).toBe(8);
    expect((await openUpscaler(file('x2plus'))).config).toMatchObject({ scale: 2, unshuffle: 2, stages: 2 });
    expect((await openUpscaler(file('general-x4v3'))).config).toMatchObject({ kind: 'compact', scale: 4 });
  });
});

describe('what is no upscaler gets one sentence', () => {
  const opened = (path: string) => openUpscaler(path).then(String, (error: Error) => error.message);
  const made = async (tensors: Record<string, readonly number[]>) => {
    const path = join(folder, 'made.safetensors');
    const zeros = Object.entries(tensors).map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, float32(shape, new Float32Array(size))] as const;
    });
    await writeSafetensors(path, new Map(zeros));
    return opened(path);
  };

  test('another kind of file', async () => {
    expect(await opened(oracle('ckpt/nano/nano-ema-only.safetensors'))).toMatch(/no upscaler that Easel knows/);
    expect(await opened(secondOracle('taesd/ckpt/taesd_decoder.pth'))).toMatch(
      /this is an autoencoder, not an upscaler/,
    );
    expect(await opened(join(folder, 'none.pth'))).toMatch(/none\.pth/);
    expect(await made({ 'body.0.weight': [8, 3, 3, 3], 'body.1.weight': [8, 8, 3, 3] })).toMatch(/no upscaler that/);
    const swin = { 'conv_first.weight': [8, 3, 3, 3], 'layers.0.norm.weight': [8], 'conv_last.weight': [3, 8, 3, 3] };
    expect(await made(swin)).toMatch(/no upscaler that Easel knows/);
  });

  test('one for grey pictures, an ESRGAN+, and one that is not whole', async () => {
    expect(await made({ 'conv_first.weight': [8, 1, 3, 3], 'conv_last.weight': [1, 8, 3, 3] })).toMatch(/red, green/);
    const plus = await renamed(file('esrgan-old'), 'plus.safetensors', modern);
    const tensors = await takeApart(plus);
    tensors.set('body.0.rdb1.conv1x1.weight', float32([3, 8, 1, 1], new Float32Array(24)));
    await writeSafetensors(plus, tensors);
    expect(await opened(plus)).toMatch(/ESRGAN\+/);
    const part = await renamed(file('esrgan-old'), 'part.safetensors', (key) =>
      key === 'model.8.bias' ? undefined : modern(key),
    );
    expect(await opened(part)).toMatch(/lacks "conv_hr\.bias"\. Is the file whole/);
  });

  test('noise can be left only where the other file is', async () => {
    const alone = join(folder, 'realesr-general-x4v3.pth');
    await cp(file('general-x4v3'), alone);
    await expect(Upscaler.open(alone, { denoise: 0.5 })).rejects.toThrow(/wdn-x4v3 beside it/);
    await expect(Upscaler.open(file('x2plus'), { denoise: 0.5 })).rejects.toThrow(/wdn-x4v3 beside it/);
  });
});

test('as a model it is told what it is', async () => {
  for (const name of ['esrgan-old', 'x2plus', 'general-x4v3']) {
    await expect(openModel(file(name))).rejects.toMatchObject({
      code: 'isUpscaler',
      message: expect.stringMatching(/an upscaler, which makes pictures larger/),
    });
  }
});

describe('Upscaler', () => {
  /** Many tiles of a compact network, whose receptive field is narrower than the margin. */
  const wide = resize(input('general_x4v3'), 301, 203, 'lanczos');

  test('enlarges by other factors than its own, by more runs and Lanczos', async () => {
    await using upscaler = await Upscaler.open(file('x2plus'), { device: 'cpu' });
    const small = input('x2plus_odd');
    const twice = await upscaler.enlarge(small);
    const four = await upscaler.enlarge(small, { factor: 4 });
    expect([four.width, four.height]).toEqual([small.width * 4, small.height * 4]);
    expect(four).toEqual(await upscaler.enlarge(twice));
    const three = await upscaler.enlarge(small, { factor: 3 });
    expect(three).toEqual(resize(four, small.width * 3, small.height * 3, 'lanczos'));
  });

  test('of a seamless tile, the edges continue each other', async () => {
    await using upscaler = await Upscaler.open(file('general-x4v3'), { device: 'cpu' });
    const moved = shifted(wide, 101);
    const [still, gone] = [await upscaler.enlarge(wide, { tile: 'x' }), await upscaler.enlarge(moved, { tile: 'x' })];
    const back = shifted(still, 401);
    expect(largestDifference(gone, back)).toBeLessThanOrEqual(1);
    expect(largestDifference(await upscaler.enlarge(moved), back)).toBeGreaterThan(1);
  });

  test('says how far it is, ends between tiles, and takes the next call', async () => {
    await using upscaler = await Upscaler.open(file('general-x4v3'), { device: 'cpu' });
    const steps: number[] = [];
    const reason = new Error('enough');
    const abort = new AbortController();
    const ended = upscaler.enlarge(wide, {
      signal: abort.signal,
      onProgress: ({ step, total }) => {
        steps.push(step / total);
        if (step === 2) abort.abort(reason);
      },
    });
    await expect(ended).rejects.toBe(reason);
    expect(steps).toEqual([1 / 6, 2 / 6]);
    const all: number[] = [];
    await upscaler.enlarge(wide, { onProgress: ({ step }) => all.push(step) });
    expect(all).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('where memory is short it takes smaller tiles; where there is none, it says so', async () => {
    const of = async (megabytes: number) => {
      const options = { device: 'cpu', freeMemory: () => megabytes * 2 ** 20 } as const;
      await using upscaler = await Upscaler.open(file('general-x4v3'), options);
      let tiles = 0;
      const large = await upscaler.enlarge(wide, { onProgress: ({ total }) => (tiles = total) });
      return { large, tiles };
    };
    const [much, little] = [await of(1000), await of(70)];
    expect([much.tiles, little.tiles]).toEqual([6, 54]);
    expect(largestDifference(much.large, little.large)).toBeLessThanOrEqual(1);
    await expect(of(60)).rejects.toMatchObject({ meaning: { code: 'upscalerMemory' } });
  });

  test('refuses what would be too large, has alpha, or comes after its release', async () => {
    const upscaler = await Upscaler.open(file('general-x4v3'), { device: 'cpu' });
    const vast = { width: 4000, height: 4000, data: new Uint8Array(48e6) };
    await expect(upscaler.enlarge(vast)).rejects.toThrow(/4000x4000 is too large to enlarge.*16000x16000/);
    const alpha = { width: 2, height: 2, data: new Uint8Array(16) };
    await expect(upscaler.enlarge(alpha)).rejects.toThrow(/alpha channel/);
    await upscaler.release();
    await upscaler.release();
    await expect(upscaler.enlarge(wide)).rejects.toThrow(/was released/);
  });

  test.each([
    [1, 1],
    [2, 3],
    [1, 9],
  ])('takes a picture of %i x %i', async (width, height) => {
    await using upscaler = await Upscaler.open(file('x2plus'), { device: 'cpu' });
    const tiny = resize(wide, width, height, 'lanczos');
    expect(await upscaler.enlarge(tiny)).toMatchObject({ width: width * 2, height: height * 2 });
  });
});
