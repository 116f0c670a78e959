import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { chunksOf } from '../../../src/engine/text/chunks.js';
import { openTokenizer } from '../../../src/engine/text/open-tokenizer.js';
import { parsePrompt } from '../../../src/engine/text/prompt.js';
import { promptLength } from '../../../src/engine/text/prompt-length.js';
import type { Tokenizer } from '../../../src/engine/text/tokenizer.js';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await openTokenizer({ merges: join(import.meta.dirname, '../../../models/clip-tokenizer/merges.txt') });
});

/** Texts of a prompt's chunks. */
const texts = (prompt: string, maxTokens = 77) =>
  chunksOf(tokenizer, parsePrompt(prompt), maxTokens).map(({ ids }) =>
    tokenizer.decode([...ids].filter((id) => id !== tokenizer.begin && id !== tokenizer.end)),
  );
const words = (count: number) => 'word '.repeat(count).trim();

describe('long prompts', () => {
  test('75 tokens are one chunk, 76 are two', () => {
    expect(texts(words(75))).toEqual([words(75)]);
    expect(texts(words(76))).toEqual([words(75), 'word']);
  });

  test('a comma within the last 20 tokens moves what follows it to the next chunk', () => {
    expect(texts(`${words(60)}, ${words(20)}`)).toEqual([`${words(60)} ,`, words(20)]);
    expect(texts(`${words(54)}, ${words(40)}`)).toEqual([`${words(54)} , ${words(20)}`, words(20)]);
  });

  test('a comma that does not fit begins the next chunk', () => {
    expect(texts(`${words(60)}, ${words(14)}, cat`)).toEqual([`${words(60)} , ${words(14)}`, ', cat']);
  });

  test('every chunk begins, ends and is padded as in training', () => {
    const [first, second] = chunksOf(tokenizer, parsePrompt(words(76)), 77);
    expect([first!.ids.length, first!.ids[0], first!.ids[76]]).toEqual([77, 49406, 49407]);
    expect([...second!.ids.slice(0, 4)]).toEqual([49406, 2653, 49407, 49407]);
  });

  test('a model with 32 tokens has chunks of 30 and looks back 8', () => {
    expect(texts(words(31), 32)).toEqual([words(30), 'word']);
    expect(texts(`${words(22)}, ${words(10)}`, 32)).toEqual([`${words(22)} ,`, words(10)]);
    expect(texts(`${words(21)}, ${words(10)}`, 32)).toEqual([`${words(21)} , ${words(8)}`, words(2)]);
  });
});

test('an embedding is not cut in two, unless no chunk can hold it', async () => {
  const merges = join(import.meta.dirname, '../../../models/clip-tokenizer/merges.txt');
  const vectors = (first: number, count: number) => Array.from({ length: count }, (_, k) => first + k);
  const learned = new Map([
    ['short', vectors(50000, 4)],
    ['long', vectors(60000, 40)],
  ]);
  const tokenizer = await openTokenizer({ merges, words: learned });
  const counts = (prompt: string) =>
    chunksOf(tokenizer, parsePrompt(prompt), 32).map(({ ids }) => ids.filter((id) => id >= 50000).length);
  expect(counts(`${words(28)} short`)).toEqual([0, 4]);
  expect(counts(`${words(26)} short`)).toEqual([4]);
  expect(counts(`${words(28)} long`)).toEqual([2, 30, 8]);
});

describe('BREAK', () => {
  test('begins a chunk, empty or not, except at the end', () => {
    expect(texts('cat BREAK dog')).toEqual(['cat', 'dog']);
    expect(texts('cat BREAK BREAK dog BREAK')).toEqual(['cat', '', 'dog']);
    expect(texts('BREAK dog')).toEqual(['', 'dog']);
  });

  test('an empty prompt is one empty chunk', () => {
    expect(texts('')).toEqual(['']);
  });
});

test('weights go with their tokens; begin, end and padding have 1', () => {
  const [chunk] = chunksOf(tokenizer, parsePrompt('a (strawberry cake:1.5)!'), 77);
  expect([...chunk!.weights.slice(0, 6)]).toEqual([1, 1, 1.5, 1.5, 1, 1]);
  expect(chunk!.weights.slice(5).every((weight) => weight === 1)).toBe(true);
});

test('the length of a prompt is that of what the model reads: its marks are no tokens', () => {
  expect(promptLength(tokenizer, `${words(30)} (and a cat:1.2)`)).toBe(33);
});
