import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readContainer } from '../../../src/engine/checkpoint/container.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import { CheckpointError } from '../../../src/engine/errors.js';

const FOLDER = 'test/fixtures/checkpoints';

interface Index {
  /** What the good files hold. */
  tensors: Record<string, { shape: number[]; values: number[] }>;
  files: { file: string; expect: string; why: string }[];
}

const index: Index = JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8'));

/** Files that may be read or refused: what we chose. */
const READ = new Set([
  'good-deflated.ckpt',
  'evil-os-system.ckpt',
  'evil-builtins-exec.ckpt',
  'zip-path-traversal.ckpt',
  'pickle-named.safetensors',
]);

const loads = (entry: Index['files'][number]) =>
  entry.expect.startsWith('load;') || entry.expect === 'load' || READ.has(entry.file);

describe('a good file is read, whatever odd things it holds', () => {
  test.each(index.files.filter(loads))('$file: $why', async ({ file }) => {
    const { tensors } = await readContainer(join(FOLDER, file));
    for (const [name, { shape, values }] of Object.entries(index.tensors)) {
      const tensor = tensors.get(name)!;
      expect(tensor.shape).toEqual(shape);
      expect(await readValues(tensor)).toEqual(Float32Array.from(values));
    }
  });
});

describe('a damaged or hostile file ends in one clear error, soon and in little memory', () => {
  test.each(index.files.filter((entry) => !loads(entry)))('$file: $why', async ({ file }) => {
    const path = join(FOLDER, file);
    const before = process.memoryUsage().rss;
    const start = process.cpuUsage();
    const error = await readContainer(path).catch((thrown: unknown) => thrown);
    // Processor time: other work on the machine must not fail a test.
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(1000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    expect(error).toBeInstanceOf(CheckpointError);
    const { message } = error as CheckpointError;
    expect(message).toContain(file);
    expect(message.split('\n')).toHaveLength(1);
    expect(message.length).toBeLessThan(300);
  });
});

test('nothing in any file ran or was written', () => {
  expect(readdirSync('/tmp').filter((name) => name.startsWith('ORACLE_PWNED'))).toEqual([]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('a Git LFS pointer is told apart from damage', async () => {
  await expect(readContainer(join(FOLDER, 'text.ckpt'))).rejects.toThrow(/Git LFS pointer/);
});
