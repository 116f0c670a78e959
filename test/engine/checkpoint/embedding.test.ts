import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../../src/engine/checkpoint/describe.js';
import { withEmbeddings } from '../../../src/engine/checkpoint/embedding.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { withPngText } from '../../../src/engine/image/png-text.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { openTokenizer } from '../../../src/engine/text/open-tokenizer.js';
import { float32, type Made, writeSafetensors } from './write-safetensors.js';

const TABLE = 'text_model.embeddings.token_embedding.weight';
const file = (name: string) => join('test/fixtures/embeddings', name);

/** Of a million numbers each: `toEqual` takes seconds for that. */
const same = (a: Float32Array, b: Float32Array) =>
  a.length === b.length && a.every((value, k) => Object.is(value, b[k]));

let model: WeightsModel;
beforeAll(async () => {
  model = (await openModel(EMBEDDED_MODEL)) as WeightsModel;
});

describe('a textual-inversion embedding', () => {
  test.each([
    ["AUTOMATIC1111's .pt", 'webui.pt', ['webui'], 3],
    ["diffusers' .bin", 'learned_embeds.bin', ['learned_embeds', '<cat-toy>'], 1],
    ['a legacy file with a ParameterDict', 'original.pt', ['original'], 2],
    ["AUTOMATIC1111's .safetensors", 'negative.safetensors', ['negative'], 2],
    ["the authors' .pt with a placeholder of its own", 'authors.pt', ['authors'], 1],
    ['the same in a ParameterDict', 'authors-module.pt', ['authors-module'], 1],
    ["AUTOMATIC1111's .pt with another token", 'othertoken.pt', ['othertoken'], 2],
    ["AUTOMATIC1111's preview", 'preview.png', ['preview', 'my-style'], 2],
    ["ComfyUI's .safetensors", 'comfy.safetensors', ['comfy'], 2],
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

  test('of many vectors is read from a picture, too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'easel-preview-'));
    const rows = Array.from({ length: 60 }, (_, row) => Array.from({ length: 192 }, (_, k) => Math.sin(row * 192 + k)));
    const text = JSON.stringify({ string_to_param: { '*': { TORCHTENSOR: rows } }, name: 'large' });
    const path = join(folder, 'large.png');
    const plain = await readFile('docs/images/first-grid.png');
    await writeFile(path, withPngText(plain, 'sd-ti-embedding', Buffer.from(text).toString('base64')));
    const changed = await withEmbeddings(model, [{ file: path }]);
    expect(changed.tokenizer.words!.get('large')).toHaveLength(60);
    await rm(folder, { recursive: true });
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

describe('what cannot be an embedding for this model is refused by what is wrong, by easel inspect, too', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-embedding-'));
    return () => rm(folder, { recursive: true });
  });

  async function refused(path: string, why: RegExp): Promise<void> {
    await expect(withEmbeddings(model, [{ file: path }])).rejects.toThrow(why);
    await expect(describeCheckpoint(path, { hash: true })).rejects.toThrow(why);
  }

  async function written(tensors: Record<string, Made>): Promise<string> {
    const path = join(folder, 'embedding.safetensors');
    await writeSafetensors(path, new Map(Object.entries(tensors)));
    return path;
  }

  const vectors = (rows: number, value = 0.1) => float32([rows, 192], Array<number>(rows * 192).fill(value));

  test('too many vectors', async () => {
    await refused(await written({ emb_params: vectors(76) }), /too many vectors, 76: a prompt has room for 75/);
    await withEmbeddings(model, [{ file: await written({ emb_params: vectors(75) }) }]);
  });

  test.each([
    ['NaN', Number.NaN],
    ['infinity', Number.NEGATIVE_INFINITY],
    ['more than 16 bits hold', 70_000],
  ])('%s', async (_, value) => {
    await refused(await written({ emb_params: vectors(2, value) }), /numbers in its vectors are NaN, infinite or far/);
  });

  test('one for Stable Diffusion XL', async () => {
    await refused(await written({ clip_l: vectors(1), clip_g: vectors(1) }), /is for Stable Diffusion XL/);
  });

  test('several placeholders', async () => {
    const tensors = { 'string_to_param.a': vectors(1), 'string_to_param.b': vectors(1) };
    await refused(await written(tensors), /there are 2 placeholders in it/);
  });

  test('a picture without an embedding, or with a damaged one', async () => {
    const picture = (path: string) => withEmbeddings(model, [{ file: path }]);
    const png = await readFile(file('preview.png'));
    const path = join(folder, 'x.png');
    await writeFile(path, Buffer.from(png.toString('latin1').replace('sd-ti-', 'sd-xx-'), 'latin1'));
    await expect(picture(path)).rejects.toThrow(/this is a picture, and there is no embedding in it that can be read/);
    await writeFile(path, Buffer.from(png.toString('latin1').replace('embedding\0ey', 'embedding\0xx'), 'latin1'));
    await expect(picture(path)).rejects.toThrow(/the embedding in this picture is damaged/);
    await writeFile(path, Buffer.from('ffd8ffe000104a464946', 'hex'));
    await expect(picture(path)).rejects.toThrow(/this is a picture/);
  });
});

test('a word in a prompt becomes the ids of its vectors', async () => {
  const { tokenizer } = await withEmbeddings(model, [{ file: file('learned_embeds.bin') }]);
  const tokens = await openTokenizer(tokenizer);
  const [plain, learned] = [tokens.encode('a cat'), tokens.encode('a <cat-toy> cat')];
  expect(learned).toEqual([plain[0], 7514, plain[1]]);
});
