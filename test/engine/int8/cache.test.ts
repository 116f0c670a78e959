import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ByteSource } from '../../../src/engine/checkpoint/source.js';
import type { StoredTensor } from '../../../src/engine/checkpoint/tensor.js';
import { readBytes, readValues } from '../../../src/engine/checkpoint/values.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import type { Int8Demand, Int8Matrix } from '../../../src/engine/graph/form.js';
import { cachedInt8, cacheFiles, clearCache } from '../../../src/engine/int8/cache.js';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'easel-int8-'));
  folder = join(root, 'cache', 'int8');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const values = (count: number, by = 1) => Float32Array.from({ length: count }, (_, i) => by * Math.cos(i));
const bytesOf = (array: Float32Array) => new Uint8Array(array.buffer);

/** A checkpoint of a matrix [4, 6] and a convolution [2, 3, 3, 3]. */
function checkpoint(name = 'model.ckpt', by = 1): Int8Demand[] {
  const file = join(root, name);
  writeFileSync(file, Buffer.concat([Buffer.alloc(13), bytesOf(values(24, by)), bytesOf(values(54, by))]));
  return [
    { label: 'a.weight', shape: [4, 6], tensor: { dtype: 'F32', shape: [4, 6], file, offset: 13 } },
    { label: 'b.weight', shape: [2, 3, 3, 3], tensor: { dtype: 'F32', shape: [2, 3, 3, 3], file, offset: 13 + 96 } },
  ];
}

const make = (demands: readonly Int8Demand[], options: { mostBytes?: number; largest?: number } = {}) =>
  cachedInt8({ folder, largest: 127, threads: 2, ...options })('unet', demands);

/** What the first matrix is worth, turned back to [4, 6]. */
async function restored([{ matrix, scale }]: readonly Int8Matrix[]): Promise<number[]> {
  const [whole, steps] = [Int8Array.from(await readBytes(matrix)), await readValues(scale)];
  return Array.from({ length: 24 }, (_, k) => whole[(k % 6) * 4 + Math.floor(k / 6)]! * steps[Math.floor(k / 6)]!);
}

async function expectWeights(made: readonly Int8Matrix[], by = 1): Promise<void> {
  expect(made.map(({ matrix }) => matrix.shape)).toEqual([
    [6, 4],
    [27, 2],
  ]);
  const [got, want] = [await restored(made), values(24, by)];
  got.forEach((value, k) => {
    expect(Math.abs(value - want[k]!)).toBeLessThan(0.005 * by);
  });
}

const only = () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
  expect(names).toHaveLength(1);
  return join(folder, names[0]!);
};
const identity = () => statSync(only()).ino;

describe('quantized weights', () => {
  test('are made once, and taken from their file after that', async () => {
    const demands = checkpoint();
    await expectWeights(await make(demands));
    const before = identity();
    const again = await make(demands);
    await expectWeights(again);
    expect(identity()).toBe(before);
    expect(again[0]!.matrix.file).toBe(only());
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  test('are read in full once, and once more when their file has changed', async () => {
    const demands = checkpoint();
    await make(demands);
    const [path, whole] = [only(), readFileSync(only())];
    const begin = 8 + Number(whole.readBigUInt64LE());
    const read = vi.spyOn(ByteSource.prototype, 'read');
    const readsWeights = async () => {
      read.mockClear();
      expect((await make(demands))[0]!.matrix.file).toBe(path);
      const sources = read.mock.contexts as ByteSource[];
      return sources.some(({ file }, k) => file === path && read.mock.calls[k]![0] >= begin);
    };
    expect(await readsWeights()).toBe(false);
    expect(await readsWeights()).toBe(false);
    writeFileSync(path, whole);
    expect(await readsWeights()).toBe(true);
    expect(await readsWeights()).toBe(false);
    read.mockRestore();
  });

  test('belong to the bytes of the checkpoint, not to its name', async () => {
    await make(checkpoint());
    const before = identity();
    // The same under another name; then something else under the same.
    await make(checkpoint('copy.ckpt'));
    expect(identity()).toBe(before);
    await expectWeights(await make(checkpoint('model.ckpt', 3)), 3);
    expect((await cacheFiles(folder)).length).toBe(2);
  });

  test('belong to what LoRAs made of them, and to the recipe', async () => {
    const demands = checkpoint();
    await make(demands);
    const [first, second] = demands as [Int8Demand, Int8Demand];
    const merged: StoredTensor = { ...first.tensor, bytes: bytesOf(values(24, 2)) };
    await expectWeights(await make([{ ...first, tensor: merged }, second]), 2);
    await make(demands, { largest: 63 });
    expect((await cacheFiles(folder)).length).toBe(3);
  });

  test.each([
    ['damaged', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes.at(-1)! ^ 1)])],
    ['damaged in its scales', (bytes: Buffer) => flipped(bytes, 8 + Number(bytes.readBigUInt64LE()) + 1)],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, -7)],
    ['empty', () => Buffer.alloc(0)],
    ['of another kind', () => Buffer.from('not safetensors')],
  ])('a file that is %s is made again', async (_, harm) => {
    const demands = checkpoint();
    await make(demands);
    const [path, whole] = [only(), readFileSync(only())];
    writeFileSync(path, harm(whole));
    await expectWeights(await make(demands));
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  test('a sound file of another model under this name is made again', async () => {
    const demands = checkpoint();
    await make(demands);
    const path = only();
    const own = readFileSync(path);
    await make(checkpoint('other.ckpt', 5));
    const other = (await cacheFiles(folder)).find((file) => file.path !== path)!;
    writeFileSync(path, readFileSync(other.path));
    await expectWeights(await make(demands));
    expect(readFileSync(path).equals(own)).toBe(true);
  });

  test("a file's hash is dropped when the file changes, or cannot be read", async () => {
    await make(checkpoint());
    writeFileSync(join(folder, 'hashes.json'), '{"half');
    await expectWeights(await make(checkpoint()));
    await expectWeights(await make(checkpoint('model.ckpt', 4)), 4);
  });

  test('are kept in memory where nothing can be written', async () => {
    writeFileSync(join(root, 'cache'), 'a file where the folder would be');
    const made = await make(checkpoint());
    await expectWeights(made);
    expect(made[0]!.matrix.bytes).toBeDefined();
  });

  test('of a checkpoint that is cut short are refused', async () => {
    const [first, second] = checkpoint() as [Int8Demand, Int8Demand];
    const beyond = { ...second, tensor: { ...second.tensor, offset: 1000 } };
    await expect(make([first, beyond])).rejects.toThrow(CheckpointError);
    expect(await cacheFiles(folder)).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  test('may be made by several at once', async () => {
    const demands = checkpoint();
    for (const made of await Promise.all([make(demands), make(demands), make(demands)])) await expectWeights(made);
    only();
  });
});

describe('the cache', () => {
  test('is bounded: the least recently used go, what was just made stays', async () => {
    const old = checkpoint('old.ckpt', 2);
    await make(old);
    const oldest = only();
    utimesSync(oldest, new Date(1e9), new Date(1e9));
    await make(checkpoint('new.ckpt', 3), { mostBytes: statSync(oldest).size + 100 });
    expect(existsSync(oldest)).toBe(false);
    expect(await cacheFiles(folder)).toHaveLength(1);
    await make(old, { mostBytes: 1 });
    expect(await cacheFiles(folder)).toHaveLength(1);
  });

  test('deletes what a process that died left unfinished', async () => {
    await make(checkpoint());
    const left = join(folder, 'unet-x.safetensors.0123.tmp');
    const writing = join(folder, 'unet-y.safetensors.0123.tmp');
    for (const path of [left, writing]) writeFileSync(path, 'half');
    utimesSync(left, new Date(1e9), new Date(1e9));
    await make(checkpoint('other.ckpt', 2));
    expect([existsSync(left), existsSync(writing)]).toEqual([false, true]);
  });

  test('can be cleared', async () => {
    await make(checkpoint());
    const bytes = statSync(only()).size;
    expect(await clearCache(folder)).toBe(bytes);
    expect(await cacheFiles(folder)).toEqual([]);
    expect(await clearCache(join(root, 'none'))).toBe(0);
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}
