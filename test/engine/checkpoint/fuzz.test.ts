import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readContainer } from '../../../src/engine/checkpoint/container.js';
import { unpickle } from '../../../src/engine/checkpoint/torch/pickle.js';
import { PickleError } from '../../../src/engine/checkpoint/torch/pickle-machine.js';
import { torchReader } from '../../../src/engine/checkpoint/torch/tensors.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import { elements } from '../../../src/engine/shape.js';
import { writeSafetensors } from './write-safetensors.js';
import { zip } from './write-zip.js';

/** Every run is the same, so a failure can be reproduced. */
const SEED = 20261123;
const RUNS = 400;
/** Of processor time: other work on the machine must not fail a test. */
const MILLISECONDS = 2000;
const BYTES = 200e6;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-fuzz-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What can happen to a file: places are parts of its length. */
const mutation = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    kind: fc.constant('fill' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.constantFrom(new Uint8Array(8).fill(255), new Uint8Array(8), new Uint8Array(4).fill(127)),
  }),
  fc.record({
    kind: fc.constant('cut' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.constant(new Uint8Array()),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
);

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutated(bytes: Buffer, mutations: readonly Mutation[]): Buffer {
  return mutations.reduce((before, { kind, at, bytes: patch }) => {
    const place = Math.floor(at * before.length);
    if (kind === 'cut') return before.subarray(0, place);
    const rest = kind === 'insert' ? place : place + patch.length;
    return Buffer.concat([before.subarray(0, place), patch, before.subarray(rest)]);
  }, bytes);
}

function milliseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/**
 * Reads the file and all its values: either it works, or it ends in one CheckpointError; soon, and in little memory.
 */
async function survives(path: string): Promise<void> {
  const start = process.cpuUsage();
  const before = process.memoryUsage().rss;
  try {
    const { tensors } = await readContainer(path);
    for (const tensor of tensors.values()) expect((await readValues(tensor)).length).toBe(elements(tensor.shape));
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    expect(error.message).not.toContain('\n');
  }
  expect(milliseconds(start)).toBeLessThan(MILLISECONDS);
  expect(process.memoryUsage().rss - before).toBeLessThan(BYTES);
}

describe('damage of any kind is read or refused', () => {
  test.each([
    'checkpoints/good.ckpt',
    'checkpoints/good-deflated.ckpt',
    'checkpoints/good-unknown-globals.ckpt',
    'checkpoints/good.safetensors',
    'embeddings/original.pt',
  ])('%s', async (name) => {
    const bytes = await readFile(join('test/fixtures', name));
    const path = join(folder, 'mutated');
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
        await writeFile(path, mutated(bytes, mutations));
        await survives(path);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});

test('a safetensors shape of a million axes is refused without being shown', async () => {
  const path = join(folder, 'axes.safetensors');
  await writeSafetensors(path, new Map([['x', { dtype: 'F32', shape: Array(1e6).fill(1), bytes: Buffer.alloc(4) }]]));
  await expect(readContainer(path)).rejects.toThrow(/tensor "x" has no valid shape/);
});

describe('the pickle machine', () => {
  /** The pickle of good-unknown-globals.ckpt, whose checksum hides it from the mutations above. */
  async function pickle(): Promise<Buffer> {
    const bytes = await readFile('test/fixtures/checkpoints/good-unknown-globals.ckpt');
    const start = bytes.indexOf(Buffer.from([0x80, 2]));
    return bytes.subarray(start, bytes.indexOf('PK', start));
  }

  function runs(bytes: Buffer): void {
    try {
      unpickle(bytes, torchReader);
    } catch (error) {
      if (!(error instanceof PickleError)) throw error;
    }
  }

  test('and what it says of tensors is checked against the file', async () => {
    const good = await pickle();
    const path = join(folder, 'rezipped.ckpt');
    const storages = [128, 32, 256, 16].map((size, k) => [`archive/data/${k}`, Buffer.alloc(size, k)] as const);
    await writeFile(path, zip([['archive/data.pkl', good], ...storages]));
    expect((await readContainer(path)).tensors.size).toBe(4);
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        await writeFile(path, zip([['archive/data.pkl', mutated(good, mutations)], ...storages]));
        await survives(path);
      }),
      { seed: SEED, numRuns: 3 * RUNS },
    );
  });

  test('survives a damaged pickle', async () => {
    const good = await pickle();
    expect(unpickle(good, torchReader).value).toBeInstanceOf(Map);
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), (mutations) => runs(mutated(good, mutations))),
      { seed: SEED, numRuns: 5000 },
    );
  });

  test('survives arbitrary opcodes', () => {
    const opcode = fc.constantFrom(
      ...Buffer.from('N()]}ltdasue02qpghjcRQbiok\x80\x81\x85\x86\x87\x88\x8a\x8c\x8f\x90\x93\x94\x95.', 'latin1'),
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 4, arbitrary: opcode }, fc.integer({ min: 0, max: 255 })), { maxLength: 200 }),
        (bytes) => runs(Buffer.from(bytes)),
      ),
      { seed: SEED, numRuns: 5000 },
    );
  });

  test.each([
    ['empty dicts', '}'],
    ['empty lists', ']'],
    ['marks', '('],
    ['nothing', 'N'],
    ['one-letter texts', 'U\x01a'],
    ['memo entries', 'N\x94'],
    ['copies put into tuples', 'N2\x86'],
    ['calls', 'cos\nsystem\n)R'],
  ])('sixteen megabytes of %s end soon, in little memory', (_, unit) => {
    const bytes = Buffer.alloc(16 * 2 ** 20, unit, 'latin1');
    const before = process.memoryUsage().rss;
    const start = process.cpuUsage();
    expect(() => unpickle(bytes, torchReader)).toThrow(PickleError);
    expect(milliseconds(start)).toBeLessThan(MILLISECONDS);
    expect(process.memoryUsage().rss - before).toBeLessThan(BYTES);
  });

  const repeated = (bytes: Buffer, count: number) => Buffer.concat(Array<Buffer>(count).fill(bytes));
  const code = (text: string) => Buffer.from(text, 'latin1');
  const number = (opcode: string, value: number) => {
    const bytes = Buffer.alloc(5, opcode, 'latin1');
    bytes.writeUInt32LE(value, 1);
    return bytes;
  };
  /** [[[], []], [[], []]] and so on: a pickle of two hundred bytes, a text of 2^60. */
  const doubled = Buffer.concat([code(']'), repeated(code('2\x86'), 60)]);
  const nested = Buffer.concat([code(')'), repeated(code('\x85'), 200_000)]);

  test.each([
    ['a doubled list as a module', [doubled, code('U\x01a\x93.')]],
    ['a doubled list as a name', [code('U\x01a'), doubled, code('\x93.')]],
    ['nested tuples as a module', [nested, code('U\x01a\x93.')]],
    ['a doubled list as the type of a storage', [code('(U\x07storage'), doubled, code('U\x010U\x03cpuK\x04tQ.')]],
    ['nested tuples as the type of a storage', [code('(U\x07storage'), nested, code('U\x010U\x03cpuK\x04tQ.')]],
    [
      'a long name for many storages',
      [
        ...[code('c'), Buffer.alloc(8e6, 'a'), code('\nb\nq\x000')],
        repeated(code('(U\x07storageh\x00U\x010U\x03cpuK\x04tQ0'), 50_000),
        code('N.'),
      ],
    ],
  ])('%s is refused soon', (_, parts) => {
    const bytes = Buffer.concat(parts);
    const start = process.cpuUsage();
    expect(() => unpickle(bytes, torchReader)).toThrow(PickleError);
    expect(milliseconds(start)).toBeLessThan(MILLISECONDS);
  });

  test('a dict that is in another many times is refused soon', async () => {
    const path = join(folder, 'shared.ckpt');
    const entries = (values: Buffer) =>
      Array.from({ length: 20_000 }, (_, k) =>
        Buffer.concat([number('X', 5), Buffer.from(String(10_000 + k)), values]),
      );
    const inner = Buffer.concat([code('}('), ...entries(code('N')), code('uq\x000')]);
    const outer = Buffer.concat([code('}('), ...entries(code('h\x00')), code('u.')]);
    await writeFile(path, zip([['archive/data.pkl', Buffer.concat([code('\x80\x02'), inner, outer])]]));
    await survives(path);
    await expect(readContainer(path)).rejects.toThrow(CheckpointError);
  });

  test('a doubled list among the storages of a legacy file is refused soon', async () => {
    const path = join(folder, 'legacy.ckpt');
    const magic = code('\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.');
    const keys = Buffer.concat([code(']'), doubled, code('a.')]);
    await writeFile(path, Buffer.concat([magic, code('\x80\x02M\xe9\x03.}.}.'), keys]));
    await survives(path);
    await expect(readContainer(path)).rejects.toThrow(/the size of storage is unknown/);
  });
});
