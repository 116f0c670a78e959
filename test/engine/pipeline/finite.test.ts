import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countNonFinite } from '../../../src/engine/checkpoint/non-finite.js';
import { CheckpointError, EaselError } from '../../../src/engine/errors.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { runEasel } from '../../cli/run.js';
import { oracle } from '../../oracle.js';
import { type Made, takeApart, writeSafetensors } from '../checkpoint/write-safetensors.js';

const NANO = oracle('ckpt/nano/nano-ema-only.safetensors');
const YAML = oracle('ckpt/nano/v1-nano.yaml');

let folder: string;
let nano: Map<string, Made>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-finite-'));
  nano = await takeApart(NANO);
});
afterAll(() => rm(folder, { recursive: true }));

/** nano with every number of one tensor replaced. @param number as float16 or float32 has it. */
async function spoilt(name: string, key: string, number: number): Promise<string> {
  const made = nano.get(key)!;
  const values = Buffer.alloc(made.bytes.length);
  for (let at = 0; at < values.length; at += made.dtype === 'F16' ? 2 : 4) {
    if (made.dtype === 'F32') values.writeFloatLE(number, at);
    else values.writeUInt16LE(number > 0 ? 0x7c00 : number < 0 ? 0xf0e2 : 0x7e00, at);
  }
  const path = join(folder, name);
  await writeSafetensors(path, new Map(nano).set(key, { ...made, bytes: values }));
  return path;
}

const words = { prompt: 'a cat', seed: 1, steps: 2 };
const request = { ...words, width: 64, height: 64 };
const open = (path: string) => StableDiffusion.open(path, { config: YAML, device: 'cpu' });

describe('weights that are NaN or infinite end in an error that names the tensor', () => {
  test.each([
    ['the text encoder', 'cond_stage_model.transformer.text_model.final_layer_norm.weight', Number.NaN],
    ['the UNet', 'model.diffusion_model.out.2.weight', Number.POSITIVE_INFINITY],
    ['the autoencoder', 'first_stage_model.decoder.conv_out.weight', Number.NaN],
  ])('%s', async (network, key, number) => {
    await using sd = await open(await spoilt(`${network}.safetensors`, key, number));
    const error = await sd.txt2img(request).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as Error).message).toMatch(
      new RegExp(`${network}\\.safetensors: ${network}'s tensor ".*\\.weight" holds NaN or infinity \\(\\d+ of its`),
    );
  });

  test("the autoencoder's encoder, when a picture is read", async () => {
    await using sd = await open(await spoilt('encoder.safetensors', 'first_stage_model.quant_conv.weight', Number.NaN));
    const image: Pixels = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) };
    await expect(sd.img2img({ ...words, image })).rejects.toThrow(/"quant_conv\.weight" holds NaN/);
    expect(await sd.txt2img(request)).toHaveLength(1);
  });

  test('on the command line: exit code 1 and no picture', async () => {
    const path = await spoilt('cli.safetensors', 'first_stage_model.decoder.conv_out.weight', Number.NaN);
    const words = ['--ckpt', path, '--config', YAML, '--outdir', join(folder, 'out'), '--W', '64', '--H', '64'];
    const { code, err } = await runEasel([
      'txt2img',
      ...words,
      '--n_iter',
      '1',
      '--n_samples',
      '1',
      '--ddim_steps',
      '1',
    ]);
    expect([code, err]).toEqual([1, expect.stringMatching(/^easel: .*"decoder\.conv_out\.weight" holds NaN/m)]);
  });
});

describe('overflow although the weights are finite', () => {
  test('is an error for the author', async () => {
    await using sd = await open(NANO);
    const nowhere = { randn: (count: number) => new Float32Array(count).fill(Number.NaN) };
    const painting = sd.txt2img({ ...request, seed: undefined, generator: nowhere });
    const error = await painting.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EaselError);
    expect(error).not.toBeInstanceOf(CheckpointError);
    expect(error).toMatchObject({ meaning: { code: 'notFinite' } });
  });

  test('a decoder that gives nothing but darker than black is none', async () => {
    const path = await spoilt('dark.safetensors', 'first_stage_model.decoder.conv_out.bias', -10_000);
    await using sd = await open(path);
    await expect(sd.txt2img(request)).rejects.toThrow(/darker than black/);
  });
});

test.each([
  ['F32', new Float32Array([1, Number.NaN, -Infinity, 3e38]), 2],
  ['F64', new Float64Array([1e308, Number.NaN, Infinity]), 2],
  ['F16', new Uint16Array([0x7bff, 0x7c00, 0xfe00, 0]), 2],
  ['BF16', new Uint16Array([0x7f7f, 0x7f80, 0xffc0]), 2],
  ['F8_E4M3', new Uint8Array([0x7e, 0x7f, 0xff]), 2],
  ['F8_E5M2', new Uint8Array([0x7b, 0x7c, 0xfd]), 2],
  ['I64', new BigInt64Array([-1n]), 0],
] as const)('NaN and infinity are found in %s', (dtype, values, count) => {
  expect(countNonFinite(new Uint8Array(values.buffer), dtype)).toBe(count);
});
