import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CheckpointError } from '../../../src/engine/errors.js';
import { openTokenizer } from '../../../src/engine/text/open-tokenizer.js';
import type { Tokenizer } from '../../../src/engine/text/tokenizer.js';
import { readNpy, secondOracle } from '../../oracle.js';

const wordPieces = join(import.meta.dirname, '../../../models/bert-tokenizer/vocab.txt');
let bert: Tokenizer;
beforeAll(async () => {
  bert = await openTokenizer({ wordPieces });
});

test("129 prompts have the ids of transformers' BertTokenizerFast", () => {
  const folder = secondOracle('laion400m/goldens/tokenizer');
  const prompts: { prompt: string }[] = JSON.parse(readFileSync(join(folder, 'prompts.json'), 'utf8'));
  const { data, shape } = readNpy(join(folder, 'ids.npy'));
  expect(shape).toEqual([129, 77]);
  prompts.forEach(({ prompt }, k) => {
    const expected = Array.from(data.subarray(77 * k, 77 * (k + 1)), Number);
    expect([prompt, ...bert.tokenize(prompt, 77).ids]).toEqual([prompt, ...expected]);
  });
});

describe('what does not fit', () => {
  test('is named, and the end token stays', () => {
    const { ids, cut } = bert.tokenize(`${'word '.repeat(74)}a Café, unaffable`, 77);
    expect(cut).toBe('cafe , unaffable');
    expect(ids.at(-1)).toBe(bert.end);
  });

  test('is nothing when the last token just fits', () => {
    expect(bert.tokenize('word '.repeat(75), 77).cut).toBe('');
  });
});

test('a placeholder stands for the ids of its vectors', async () => {
  const learned = await openTokenizer({ wordPieces, words: new Map([['<my-cat>', [30522, 30523]]]) });
  expect(learned.encode('a <my-cat>, asleep')).toEqual([...bert.encode('a'), 30522, 30523, ...bert.encode(', asleep')]);
  expect(learned.nameOf(30523)).toBe('<my-cat>');
});

describe('a vocabulary that cannot be used ends in one line', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-bert-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('missing', async () => {
    await expect(openTokenizer({ wordPieces: join(folder, 'none.txt') })).rejects.toThrow(/none\.txt cannot be read/);
  });

  test("not BERT's", async () => {
    await writeFile(join(folder, 'words.txt'), 'a\nb\n');
    const opening = openTokenizer({ wordPieces: join(folder, 'words.txt') });
    await expect(opening).rejects.toThrow(/words\.txt is not BERT's vocabulary: it lacks the token "\[PAD\]"/);
    await expect(opening).rejects.toThrow(CheckpointError);
  });
});
