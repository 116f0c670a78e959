import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { withEmbeddings } from '../../../src/engine/checkpoint/embedding.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { Tokenizer } from '../../../src/engine/text/tokenizer.js';

const TABLE = 'text_model.embeddings.token_embedding.weight';
const file = (name: string) => join('test/fixtures/embeddings', name);

/** Of a million numbers each: `toEqual` takes seconds for that. */
const same = (a: Float32Array, b: Float32Array) =>
  a.length === b.length && a.every((value, k) => Object.is(value, b[k]));

let model: WeightsModel;
beforeAll(async () => {
  model = (await openModel('models/easel-128')) as WeightsModel;
});

describe('a textual-inversion embedding', () => {
  test.each([
    ["AUTOMATIC1111's .pt", 'webui.pt', ['webui'], 3],
    ["diffusers' .bin", 'learned_embeds.bin', ['learned_embeds', '<cat-toy>'], 1],
    ['a legacy file with a ParameterDict', 'original.pt', ['original'], 2],
    ["AUTOMATIC1111's .safetensors", 'negative.safetensors', ['negative'], 2],
  ])('%s adds rows after the vocabulary and words for them', async (_, name, words, count) => {
    const changed = await withEmbeddings(model, [{ file: file(name) }]);
    const ids = Array.from({ length: count }, (_, k) => 7514 + k);
    expect([...changed.tokenizer.words!]).toEqual(words.map((word) => [word, ids]));
    expect(changed.text.vocabSize).toBe(7514 + count);

    const table = changed.weights.text.get(TABLE)!;
    expect(table.shape).toEqual([7514 + count, 192]);
    const [before, after] = [await readValues(model.weights.text.get(TABLE)!), await readValues(table)];
    expect(same(after.subarray(0, before.length), before)).toBe(true);
    // Rows hold their number and 1024ths, which float16 keeps for the first rows.
    expect([...after.subarray(before.length, before.length + 3)]).toEqual([0, 1 / 1024, 2 / 1024]);
    expect(after.at(-1)).toBeCloseTo(count - 1 + 191 / 1024, 2);
  });

  test('goes into a table of 8-bit floats without losing bits: the table becomes float16', async () => {
    const bytes = Uint8Array.from({ length: 7514 * 192 }, (_, k) => k % 127);
    const table = { ...model.weights.text.get(TABLE)!, dtype: 'F8_E4M3' as const, bytes };
    const small = { ...model, weights: { ...model.weights, text: new Map(model.weights.text).set(TABLE, table) } };
    const changed = (await withEmbeddings(small, [{ file: file('webui.pt') }])).weights.text.get(TABLE)!;
    const after = await readValues(changed);
    expect(changed.dtype).toBe('F16');
    expect(same(after.subarray(0, bytes.length), await readValues(table))).toBe(true);
    expect([...after.subarray(bytes.length, bytes.length + 3)]).toEqual([0, 1 / 1024, 2 / 1024]);
  });

  test('several have their own ids, and a word can be chosen', async () => {
    const changed = await withEmbeddings(model, [
      { file: file('webui.pt'), word: 'ugly' },
      { file: file('negative.safetensors') },
    ]);
    expect([...changed.tokenizer.words!]).toEqual([
      ['ugly', [7514, 7515, 7516]],
      ['negative', [7517, 7518]],
    ]);
  });

  test('made for another text encoder is refused with both widths', async () => {
    const narrow = { ...model, text: { ...model.text, hiddenSize: 768 } };
    await expect(withEmbeddings(narrow, [{ file: file('webui.pt') }])).rejects.toThrow(/\[3,192\].* have 768 numbers/);
  });

  test('is told apart from a checkpoint', async () => {
    await expect(withEmbeddings(model, [{ file: 'test/fixtures/checkpoints/good.ckpt' }])).rejects.toThrow(
      /not a textual-inversion embedding/,
    );
    await expect(openModel(file('webui.pt'))).rejects.toThrow(/textual-inversion embedding/);
  });
});

test('a word in a prompt becomes the ids of its vectors', async () => {
  const { tokenizer } = await withEmbeddings(model, [{ file: file('learned_embeds.bin') }]);
  const tokens = await Tokenizer.open(tokenizer, tokenizer.words);
  const [plain, learned] = [tokens.encode('a cat'), tokens.encode('a <cat-toy> cat')];
  expect(learned).toEqual([plain[0], 7514, plain[1]]);
});
