import { describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { attention } from '../../../src/engine/graph/attention.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { FUSED, type GraphForm } from '../../../src/engine/graph/form.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { type Feeds, NetworkSession } from '../../../src/engine/runtime/session.js';
import { oracle } from '../../oracle.js';
import { largestDifference } from './goldens.js';

const PLAIN: GraphForm = { ...FUSED, attention: 'plain', norms: 'plain', waves: 'plain', castTables: true };

const random = new TorchGenerator(7);
const noise = (...shape: number[]) => ({ data: random.randn(shape.reduce((a, b) => a * b)), shape });

async function attend(
  form: GraphForm,
  feeds: Feeds,
  more: { causal?: boolean; long?: boolean },
): Promise<Float32Array> {
  const build = () => {
    const g = new GraphBuilder('attention', new Map(), form);
    const [q, k, v] = ['q', 'k', 'v'].map((name) => g.input(name, 'float32', [`${name}_rows`, 32]));
    const own = (value: typeof q) => (form.float === 'float32' ? value! : g.cast(value!, form.float));
    const inputs = { q: own(q), k: own(k), v: own(v), batch: g.ints(2), width: 32, heads: 2, ...more };
    g.output('y', attention(g, inputs), ['rows', 32]);
    return g.finish();
  };
  await using session = new NetworkSession('attention', build, {});
  return (await session.run(feeds)).y!.data;
}

describe('attention written out', () => {
  test.each([
    ['a few tokens to others', 50, 77, {}],
    ['causal', 77, 77, { causal: true }],
    ['long, in one piece', 64, 64, { long: true }],
    // 2 * 2 * 2700 scores a query: 1553 queries fit into a piece, so that the second of two is filled up.
    ['long, in pieces of which the last is not full', 2700, 2700, { long: true }],
  ])('is what the fused operator computes: %s', async (_, n, m, more) => {
    const feeds = { q: noise(2 * n, 32), k: noise(2 * m, 32), v: noise(2 * m, 32) };
    const want = await attend(FUSED, feeds, more);
    expect(largestDifference(await attend(PLAIN, feeds, more), want)).toBeLessThan(1e-5);
    const half = await attend({ ...PLAIN, float: 'float16' }, feeds, more);
    expect(largestDifference(half, want)).toBeLessThan(5e-3);
  });
});

describe('the plain form of every network', () => {
  test('computes the same', async () => {
    const config = oracle('ckpt/nano/v1-nano.yaml');
    const model = (await openModel(oracle('ckpt/nano/nano-full-ema-fp16.ckpt'), { config })) as WeightsModel;
    await using fused = networksOn('cpu', model);
    await using plain = networksOn('cpu', model, { forms: { float32: PLAIN } });
    const ids = Int32Array.from({ length: 2 * 77 }, (_, k) => (k * 601) % 49408);
    const [sample, context, picture] = [noise(2, 4, 16, 8), noise(2, 77, model.text.hiddenSize), noise(1, 3, 32, 64)];
    for (const run of [
      (n: typeof fused) => n.encodeText(ids, 2),
      (n: typeof fused) => n.predictNoise(sample, Float32Array.of(999, 3), context),
      (n: typeof fused) => n.decodeLatents(sample),
      async (n: typeof fused) => (await n.encodeImage(picture)).mean,
    ]) {
      const [want, got] = [await run(fused), await run(plain)];
      expect(got.shape).toEqual(want.shape);
      expect(largestDifference(got.data, want.data)).toBeLessThan(5e-5);
    }
  });
});
