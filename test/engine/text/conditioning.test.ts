import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Networks } from '../../../src/engine/networks.js';
import { Conditioner, type Words } from '../../../src/engine/text/conditioning.js';
import { openTokenizer } from '../../../src/engine/text/open-tokenizer.js';
import type { Tokenizer } from '../../../src/engine/text/tokenizer.js';

/** "Embeds" a token as [its id, its position], so that the output shows the input. */
const calls: { rows: number; clipSkip: number | undefined }[] = [];
const networks = {
  async encodeText(ids: Int32Array, rows: number, clipSkip?: number) {
    calls.push({ rows, clipSkip });
    const tokens = ids.length / rows;
    const data = new Float32Array(ids.length * 2);
    ids.forEach((id, i) => {
      data.set([id, i % tokens], i * 2);
    });
    return { data, shape: [rows, tokens, 2] };
  },
} satisfies Partial<Networks> as unknown as Networks;

let conditioner: Conditioner;
let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await openTokenizer({ merges: join(import.meta.dirname, '../../../models/clip-tokenizer/merges.txt') });
  conditioner = new Conditioner(networks, tokenizer, 77);
});

const words = (over: Partial<Words>): Words => ({
  prompts: ['a cat'],
  negative: '',
  scale: 7.5,
  syntax: 'weighted',
  clipSkip: 1,
  ...over,
});
const long = 'word '.repeat(80);
const idsOf = (data: Float32Array, from = 0, count = 77) =>
  Array.from({ length: count }, (_, i) => data[(from + i) * 2]!);
const tokens = (text: string) => [...tokenizer.tokenize(text, 77).ids];

describe('shapes', () => {
  test('one row per prompt, and as many of the negative prompt', async () => {
    const { cond, uncond } = await conditioner.condition(words({ prompts: ['a cat', 'a dog'], negative: 'blurry' }));
    expect([cond.shape, uncond!.shape]).toEqual([
      [2, 77, 2],
      [2, 77, 2],
    ]);
    expect(idsOf(cond.data, 77)).toEqual(tokens('a dog'));
    expect(idsOf(uncond!.data, 77)).toEqual(tokens('blurry'));
  });

  test('at scale 1 there is no unconditional part; at scale 0 there is', async () => {
    expect((await conditioner.condition(words({ scale: 1 }))).uncond).toBeUndefined();
    expect((await conditioner.condition(words({ scale: 0 }))).uncond).toBeDefined();
  });

  test('a long prompt lengthens the other rows and the negative prompt by empty chunks', async () => {
    const { cond, uncond } = await conditioner.condition(words({ prompts: [long, 'a cat'], negative: 'blurry' }));
    expect([cond.shape, uncond!.shape]).toEqual([
      [2, 154, 2],
      [2, 154, 2],
    ]);
    expect(idsOf(cond.data, 154)).toEqual(tokens('a cat'));
    expect(idsOf(cond.data, 154 + 77)).toEqual(tokens(''));
    expect(idsOf(uncond!.data, 77)).toEqual(tokens(''));
  });

  test('each different text is encoded once', async () => {
    calls.length = 0;
    await conditioner.condition(words({ prompts: ['a cat', 'a cat', 'a dog'], clipSkip: 2 }));
    expect(calls).toEqual([
      { rows: 1, clipSkip: 2 },
      { rows: 1, clipSkip: 2 },
      { rows: 1, clipSkip: 2 },
    ]);
  });
});

describe('weights', () => {
  test('multiply the embeddings of their tokens and keep the mean of all', async () => {
    const { cond: plain } = await conditioner.condition(words({ prompts: ['a cat'] }));
    const { cond: strong } = await conditioner.condition(words({ prompts: ['a (cat:1.5)'] }));
    const ratio = (token: number) => strong.data[token * 2]! / plain.data[token * 2]!;
    expect(ratio(2) / ratio(1)).toBeCloseTo(1.5, 5);
    expect(ratio(1)).toBeCloseTo(ratio(50), 6);
    const mean = (data: Float32Array) => data.reduce((a, b) => a + b, 0) / data.length;
    expect(mean(strong.data) / mean(plain.data)).toBeCloseTo(1, 6);
  });

  test('of 1 leave every bit alone', async () => {
    const { cond: plain } = await conditioner.condition(words({ syntax: 'plain' }));
    const { cond: weighted } = await conditioner.condition(words({ syntax: 'weighted' }));
    expect(weighted).toEqual(plain);
  });
});

describe('plain prompts', () => {
  test('are taken literally', async () => {
    const { cond } = await conditioner.condition(words({ prompts: ['a (cat:1.5) BREAK'], syntax: 'plain' }));
    expect(idsOf(cond.data)).toEqual(tokens('a (cat:1.5) BREAK'));
  });

  test('are cut, and the notice says what was lost', async () => {
    const notices: string[] = [];
    const { cond } = await conditioner.condition(
      words({ prompts: [`${'word '.repeat(75)}and a red fox`], syntax: 'plain' }),
      (notice) => notices.push(notice),
    );
    expect(cond.shape).toEqual([1, 77, 2]);
    expect(notices).toEqual([expect.stringMatching(/75 tokens.*"and a red fox"/)]);
  });
});
