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
  negatives: [''],
  scale: 7.5,
  syntax: 'weighted',
  clipSkip: 1,
  pass: { calls: 20 },
  ...over,
});
const heard = async (...args: Parameters<Conditioner['condition']>) => (await conditioner.condition(...args)).at(0);
const long = 'word '.repeat(80);
const idsOf = (data: Float32Array, from = 0, count = 77) =>
  Array.from({ length: count }, (_, i) => data[(from + i) * 2]!);
const tokens = (text: string) => [...tokenizer.tokenize(text, 77).ids];

describe('shapes', () => {
  test('one row per prompt, and as many of the negative prompt', async () => {
    const { cond, uncond } = await heard(words({ prompts: ['a cat', 'a dog'], negatives: ['blurry', 'blurry'] }));
    expect([cond.shape, uncond!.shape]).toEqual([
      [2, 77, 2],
      [2, 77, 2],
    ]);
    expect(idsOf(cond.data, 77)).toEqual(tokens('a dog'));
    expect(idsOf(uncond!.data, 77)).toEqual(tokens('blurry'));
  });

  test('at scale 1 there is no unconditional part; at scale 0 there is', async () => {
    expect((await heard(words({ scale: 1 }))).uncond).toBeUndefined();
    expect((await heard(words({ scale: 0 }))).uncond).toBeDefined();
  });

  test('a long prompt lengthens the other rows and the negative prompt by empty chunks', async () => {
    const { cond, uncond } = await heard(words({ prompts: [long, 'a cat'], negatives: ['blurry', 'blurry'] }));
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
    await heard(words({ prompts: ['a cat', 'a cat', 'a dog'], clipSkip: 2 }));
    expect(calls).toEqual([
      { rows: 1, clipSkip: 2 },
      { rows: 1, clipSkip: 2 },
      { rows: 1, clipSkip: 2 },
    ]);
  });
});

describe('weights', () => {
  test('multiply the embeddings of their tokens and keep the mean of all', async () => {
    const { cond: plain } = await heard(words({ prompts: ['a cat'] }));
    const { cond: strong } = await heard(words({ prompts: ['a (cat:1.5)'] }));
    const ratio = (token: number) => strong.data[token * 2]! / plain.data[token * 2]!;
    expect(ratio(2) / ratio(1)).toBeCloseTo(1.5, 5);
    expect(ratio(1)).toBeCloseTo(ratio(50), 6);
    const mean = (data: Float32Array) => data.reduce((a, b) => a + b, 0) / data.length;
    expect(mean(strong.data) / mean(plain.data)).toBeCloseTo(1, 6);
  });

  test('of 1 leave every bit alone', async () => {
    const { cond: plain } = await heard(words({ syntax: 'plain' }));
    const { cond: weighted } = await heard(words({ syntax: 'weighted' }));
    expect(weighted).toEqual(plain);
  });
});

describe('plain prompts', () => {
  test('are taken literally', async () => {
    const { cond } = await heard(words({ prompts: ['a (cat:1.5) BREAK'], syntax: 'plain' }));
    expect(idsOf(cond.data)).toEqual(tokens('a (cat:1.5) BREAK'));
  });

  test('are cut, and the notice says what was lost', async () => {
    const notices: string[] = [];
    const { cond } = await heard(
      words({ prompts: [`${'word '.repeat(75)}and a red fox`], syntax: 'plain' }),
      (notice) => notices.push(notice),
    );
    expect(cond.shape).toEqual([1, 77, 2]);
    expect(notices).toEqual([expect.stringMatching(/75 tokens.*"and a red fox"/)]);
  });
});

describe('words that change', () => {
  const ids = async (over: Partial<Words>, call: number) => {
    const { cond, uncond } = await (await conditioner.condition(words(over))).at(call);
    return { cond: idsOf(cond.data), uncond: uncond && idsOf(uncond.data) };
  };

  test('are read at their calls, in the negative prompt too', async () => {
    const over = { prompts: ['a [cat:dog:0.5]'], negatives: ['[blurry|dark]'], pass: { calls: 4 } };
    expect((await ids(over, 2)).cond).toEqual(tokens('a cat'));
    expect((await ids(over, 3)).cond).toEqual(tokens('a dog'));
    expect((await ids(over, 2)).uncond).toEqual(tokens('dark'));
    expect((await ids(over, 3)).uncond).toEqual(tokens('blurry'));
  });

  test('are one tensor wherever they are the same, and literal in plain prompts', async () => {
    const conditions = await conditioner.condition(words({ prompts: ['[a|b]'], pass: { calls: 9 } }));
    expect(await conditions.at(2)).toBe(await conditions.at(4));
    expect(await conditions.at(2)).not.toBe(await conditions.at(3));
    const plain = { prompts: ['[a|b] AND c'], syntax: 'plain' } as const;
    expect((await ids(plain, 2)).cond).toEqual(tokens('[a|b] AND c'));
  });

  test('prompts that AND joins are encoded apart; a row that has fewer weighs 0', async () => {
    const prompts = ['a cat AND a dog :0.5', 'a cow'];
    const { cond, joined } = await heard(words({ prompts }));
    expect([idsOf(cond.data), idsOf(cond.data, 77)]).toEqual([tokens('a cat'), tokens('a cow')]);
    expect(idsOf(joined!.others[0]!.data)).toEqual(tokens('a dog'));
    expect(joined!.weights).toEqual([
      [1, 1],
      [0.5, 0],
    ]);
  });

  test('joined prompts are guided at scale 1 too, unless the model reads the scale', async () => {
    const prompts = ['a AND b'];
    expect((await heard(words({ prompts, scale: 1 }))).uncond).toBeDefined();
    expect((await heard(words({ prompts, scale: 1, readsScale: true }))).uncond).toBeUndefined();
    expect((await heard(words({ readsScale: true }))).uncond).toBeUndefined();
  });
});
