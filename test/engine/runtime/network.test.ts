import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphBuilder, type Network, openNetwork, openWeights } from '../../../src/engine/index.js';
import { oracle } from '../../oracle.js';

const HERE = { device: 'cpu', threads: 1, worker: false } as const;

/** Sums and differences of two rows. */
async function sums(form?: ConstructorParameters<typeof GraphBuilder>[2]) {
  const g = new GraphBuilder('sums', undefined, form);
  const [a, b] = [g.input('a', 'float32', ['n']), g.input('b', 'int64', ['n'])];
  const wide = g.cast(b, 'float32');
  g.output('sum', g.op('Add', [a, wide]), ['n']);
  g.output('difference', g.op('Sub', [a, wide]), ['n']);
  return g.finish();
}
const row = (...values: number[]) => ({ data: Float32Array.from(values), shape: [values.length] });
const feeds = { a: row(1.5, 2), b: row(4, 5) };

describe('a network that is none of Stable Diffusion', () => {
  let network: Network;
  beforeAll(async () => {
    network = await openNetwork(sums, { ...HERE, name: 'sums' });
  });
  afterAll(() => network.release());

  test('gives all of its outputs, or those that are asked for', async () => {
    expect([await network.inputs(), await network.outputs(), network.device]).toEqual([
      ['a', 'b'],
      ['sum', 'difference'],
      'cpu',
    ]);
    expect(await network.run(feeds)).toEqual({ sum: row(5.5, 7), difference: row(-2.5, -3) });
    expect(await network.run(feeds, { outputs: ['difference'] })).toEqual({ difference: row(-2.5, -3) });
  });

  test.each([
    [{ a: row(1) }, {}, 'b is missing: it is an input of the network.'],
    [{ ...feeds, c: row(1) }, {}, 'c is no input of the network, which has "a", "b".'],
    [{ ...feeds, a: { data: Float32Array.of(1), shape: [2] } }, {}, 'a is [2], which takes 2 values, but has 1.'],
    [feeds, { outputs: ['sums'] }, 'outputs has "sums", and there is "sum", "difference".'],
  ])('says what it was not given rightly: %#', async (given, options, message) => {
    await expect(network.run(given as never, options)).rejects.toThrow(message);
  });

  test('is the same from the bytes of a file and from a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'easel-network-'));
    const { model } = await sums();
    const file = join(folder, 'sums.onnx');
    writeFileSync(file, model);
    for (const graph of [model, file]) {
      await using opened = await openNetwork(graph, HERE);
      expect(await opened.run(feeds)).toEqual(await network.run(feeds));
    }
    rmSync(folder, { recursive: true });
    await using gone = await openNetwork(file, HERE);
    await expect(gone.run(feeds)).rejects.toThrow(`${file} cannot be loaded: `);
  });

  test('takes its weights from a file, by their own names', async () => {
    const weights = await openWeights(oracle('ckpt/nano/nano-ema-only.safetensors'));
    const [name, { shape }] = [...weights].find(([, tensor]) => tensor.shape.length === 1)!;
    await using opened = await openNetwork(async (form) => {
      const g = new GraphBuilder('bias', weights, form);
      const x = g.input('x', 'float32', [1]);
      g.output('biased', g.op('Add', [x, g.weight(name, shape)]), [...shape]);
      return g.finish();
    }, HERE);
    const { biased } = await opened.run({ x: row(0) });
    expect(biased!.shape).toEqual(shape);
    expect(biased!.data.some((value) => value !== 0)).toBe(true);
  });

  test('runs no more once it is released', async () => {
    const opened = await openNetwork(sums, { ...HERE, name: 'sums' });
    const running = opened.run(feeds);
    await opened.release();
    await running;
    await expect(opened.run(feeds)).rejects.toThrow('sums was released: open it again.');
  });
});
