import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ContainerFormat, readContainer } from '../../../src/engine/checkpoint/container.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import { oracle, wholeOracle } from '../../oracle.js';
import { zip } from './write-zip.js';

type Golden = Record<string, { shape: number[]; sha256_as_f32le?: string }>;

const golden = (file: string) => JSON.parse(readFileSync(oracle(`ckpt/${file}`), 'utf8'));

describe('every container yields the tensors that were written (oracle: tensors.json)', () => {
  const cases: [string, ContainerFormat, string, ...string[]][] = [
    ['nano/nano-ema-only.ckpt', 'torch-zip', 'nano', 'ema_only'],
    ['nano/nano-ema-only.safetensors', 'safetensors', 'nano', 'ema_only'],
    ['nano/nano-full-ema-fp16.ckpt', 'torch-zip', 'nano', 'non_ema', 'model_ema'],
    ['nano/nano-non-ema-legacy-fp16.ckpt', 'torch-legacy', 'nano', 'non_ema'],
    ['nano/nano-odd-strides-fp16.ckpt', 'torch-zip', 'nano', 'ema_only'],
    ...(wholeOracle ? [['tiny/tiny.ckpt', 'torch-zip', 'tiny'] as [string, ContainerFormat, string]] : []),
  ];

  test.each(cases)('%s', async (file, format, folder, ...sets) => {
    const container = await readContainer(oracle(`ckpt/${file}`));
    expect(container.format).toBe(format);
    const all = golden(`${folder}/tensors.json`);
    const wanted: Golden = sets.length > 0 ? Object.assign({}, ...sets.map((set) => all[set])) : all;
    let compared = 0;
    for (const [name, { shape, sha256_as_f32le: sum }] of Object.entries(wanted)) {
      // Some files hold the schedule (names without a dot) as float16: other numbers, and meant so.
      if (!sum || !name.includes('.') || name.startsWith('model_ema.decay')) continue;
      const tensor = container.tensors.get(name);
      expect(tensor, name).toBeDefined();
      const values = await readValues(tensor!);
      expect([name, tensor!.shape]).toEqual([name, shape]);
      expect([
        name,
        createHash('sha256')
          .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
          .digest('hex'),
      ]).toEqual([name, sum]);
      compared++;
    }
    expect(compared).toBeGreaterThan(200);
  });
});

test.each(['float8.safetensors', 'float8.ckpt'])(
  '8-bit floats have the values that PyTorch gives them: %s',
  async (file) => {
    const { tensors } = await readContainer(`test/fixtures/float8/${file}`);
    const golden = await readContainer('test/fixtures/float8/float8.safetensors');
    for (const kind of ['e4m3', 'e5m2']) {
      const wanted = await readValues(golden.tensors.get(`${kind} as float32`)!);
      expect(wanted).toHaveLength(256);
      expect(await readValues(tensors.get(kind)!)).toEqual(wanted);
    }
  },
);

test('an archive with 64-bit fields, as files above 4 GiB have, is read like any other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'easel-zip64-'));
  try {
    const bytes = readFileSync('test/fixtures/checkpoints/good.ckpt');
    const pickle = bytes.subarray(bytes.indexOf(Buffer.from([0x80, 2])), bytes.indexOf('PK', 60));
    const storages = [128, 32, 256, 16].map((size, k) => [`archive/data/${k}`, Buffer.alloc(size, k)] as const);
    const entries = [['archive/data.pkl', pickle], ...storages] as const;
    const read = async (zip64: boolean) => {
      const path = join(folder, `${zip64}.ckpt`);
      await writeFile(path, zip(entries, { zip64 }));
      return [...(await readContainer(path)).tensors].map(([name, { offset, shape }]) => [name, offset, shape]);
    };
    expect(await read(true)).toEqual(await read(false));
    expect(await read(true)).toHaveLength(4);
  } finally {
    await rm(folder, { recursive: true });
  }
});
