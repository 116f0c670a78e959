import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readContainer } from '../../../src/engine/checkpoint/container.js';
import { describeCheckpoint } from '../../../src/engine/checkpoint/describe.js';
import { type BlockName, decodeBlocks } from '../../../src/engine/checkpoint/gguf/blocks.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { rowsOf, type StoredTensor } from '../../../src/engine/checkpoint/tensor.js';
import { fromFloat32, readBytes, readValues, toFloat32 } from '../../../src/engine/checkpoint/values.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { psnr } from '../../cli/pictures.js';
import { oracle, readNpy } from '../../oracle.js';
import { type Entry, gguf, q8 } from './gguf-writer.js';

const fixtures = join(import.meta.dirname, '../../fixtures/gguf');
const SOME = join(fixtures, 'some.gguf');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-gguf-'));
});
afterAll(() => rm(folder, { recursive: true }));

const blocks: Record<BlockName, { bytes: string; values: string }> = JSON.parse(
  readFileSync(join(fixtures, 'blocks.json'), 'utf8'),
);
test.each(Object.keys(blocks) as BlockName[])("blocks of %s have the numbers of ggml's own library", (name) => {
  const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
  const expected = toFloat32(bytes(blocks[name].values), 'F32');
  const got = decodeBlocks(name, bytes(blocks[name].bytes));
  expect(got.length).toBe(expected.length);
  const largest = got.reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k]!)), 0);
  expect(largest).toBeLessThanOrEqual(1e-7);
});

describe("a file of ggml's own library", () => {
  let tensors: Map<string, StoredTensor>;
  const { data } = readNpy(join(fixtures, 'some.npy'));
  beforeAll(async () => {
    ({ tensors } = await readContainer(SOME));
  });

  test('names and shapes, past metadata of every kind', () => {
    expect([...tensors].map(([name, { shape, dtype, blocks }]) => [name, shape, blocks ?? dtype])).toEqual([
      ['plain', [2, 5], 'F32'],
      ['half', [2, 3, 8, 8], 'F16'],
      ['in.Q8_0', [6, 64], 'Q8_0'],
      ['in.Q4_0', [6, 64], 'Q4_0'],
    ]);
  });

  test.each([
    ['half', 0.002],
    ['in.Q8_0', 0.02],
    ['in.Q4_0', 0.4],
  ])('the numbers of %s', async (name, most) => {
    const got = await readValues(tensors.get(name)!);
    got.forEach((value, k) => {
      expect(Math.abs(value - Number(data[k]))).toBeLessThan(most);
    });
  });

  test('rows of a tensor in blocks are the rows of its numbers', async () => {
    const whole = tensors.get('in.Q8_0')!;
    expect(await readValues(rowsOf(whole, 2, 5))).toEqual((await readValues(whole)).subarray(2 * 64, 5 * 64));
  });
});

describe('a whole checkpoint in q8_0', () => {
  const original = oracle('ckpt/nano/nano-ema-only.safetensors');
  let path: string;
  beforeAll(async () => {
    const { tensors } = await readContainer(original);
    const entries: Entry[] = [];
    for (const [name, tensor] of tensors) {
      const quantized = tensor.shape.length === 2 && tensor.shape[1]! % 32 === 0;
      const values = await readValues(tensor);
      const bytes = quantized ? q8(values) : fromFloat32(values, 'F32');
      entries.push({ name, shape: tensor.shape, type: quantized ? 8 : 0, bytes });
    }
    path = join(folder, 'nano.gguf');
    await writeFile(path, gguf(entries));
  });

  test('is a model, and is described as what it is', async () => {
    const model = await openModel(path);
    expect(model.format).toBe('compvis-gguf');
    const description = await describeCheckpoint(path, { hash: false });
    expect(description.format).toBe('CompVis layout, GGUF file');
    expect(description.precision).toMatch(/Q8_0 \d+%/);
    expect(description.missing).toEqual([]);
  });

  test.each(['full', 'int8'] as const)('paints nearly the same picture, in %s', async (precision) => {
    const request = { prompt: 'a red apple', width: 64, height: 64, steps: 4, seed: 3 };
    const painted = async (path: string) => {
      await using sd = await StableDiffusion.open(path, { device: 'cpu', precision });
      return (await sd.txt2img(request))[0]!.pixels;
    };
    expect(psnr(await painted(path), await painted(original))).toBeGreaterThan(25);
  });
});

describe('what is not right ends in one line', () => {
  const plain: Entry = { name: 'a', shape: [2, 32], type: 8, bytes: q8(new Float32Array(64)) };
  const written = async (bytes: Uint8Array) => {
    const path = join(folder, `${Math.random()}.gguf`);
    await writeFile(path, bytes);
    return path;
  };

  test.each<[string, RegExp, Uint8Array]>([
    ['an old version', /GGUF of version 1/, gguf([plain], { version: 1 })],
    ['a type that is not in use', /"a" has ggml's type 16, which Easel cannot read/, gguf([{ ...plain, type: 16 }])],
    ['a row that is no whole number of blocks', /impossible shape \[2,31\]/, gguf([{ ...plain, shape: [2, 31] }])],
    ['more numbers than bytes', /"a" is not where it is said to be/, gguf([{ ...plain, shape: [2000, 32] }])],
    ['sides whose product no number holds', /impossible shape/, gguf([{ ...plain, shape: [2 ** 50, 2 ** 50] }])],
    ['five axes', /"a" has 5 axes/, gguf([{ ...plain, shape: [1, 1, 1, 2, 32] }])],
    ['two of a name', /two tensors are called "a"/, gguf([plain, plain])],
    ['a count of tensors beyond reason', /it is said to hold/, gguf([plain], { count: 2n ** 40n })],
    ['a count that no number holds', /a number of 18446744073709551615/, gguf([plain], { count: 2n ** 64n - 1n })],
    ['metadata longer than the file', /it ends within its header/, gguf([plain], { facts: 2n ** 40n })],
    ['alignment 0', /its alignment is 0/, gguf([plain], { alignment: 0 })],
  ])('%s', async (_, message, bytes) => {
    await expect(readContainer(await written(bytes))).rejects.toThrow(message);
  });

  // What is behind byte 2072 only fills up to the alignment.
  test('every truncation of a real file', async () => {
    const whole = readFileSync(SOME);
    for (let length = 5; length < 2072; length += 61) {
      const path = await written(whole.subarray(0, length));
      await expect(readContainer(path)).rejects.toThrow(/ends within its header|not where it is said to be/);
    }
  });
});

test('bytes of a tensor in blocks are those of its own dtype', async () => {
  const tensor = (await readContainer(SOME)).tensors.get('in.Q4_0')!;
  expect((await readBytes(tensor)).length).toBe(6 * 64 * 2);
});
