import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import { openTokenizer } from '../../../src/engine/text/open-tokenizer.js';
import type { Tokenizer } from '../../../src/engine/text/tokenizer.js';
import { oracle, readNpy } from '../../oracle.js';

/** Prompts with the ids that transformers' CLIPTokenizer (with ftfy) gives for both vocabularies; recipe: tokens.py. */
const { prompts }: { prompts: [prompt: string, clip: number[], easel: number[]][] } = JSON.parse(
  readFileSync(new URL('../../fixtures/tokens.json', import.meta.url), 'utf8'),
);
const models = join(import.meta.dirname, '../../../models');
const clipFiles = { merges: join(models, 'clip-tokenizer/merges.txt') };

let clip: Tokenizer;
let easel: Tokenizer;
beforeAll(async () => {
  clip = await openTokenizer(clipFiles);
  const folder = join(EMBEDDED_MODEL, 'tokenizer');
  easel = await openTokenizer({ merges: join(folder, 'merges.txt'), vocab: join(folder, 'vocab.json') });
});

describe('ids are those of transformers with ftfy', () => {
  test("202 prompts, CLIP's vocabulary, 77 tokens", () => {
    for (const [prompt, ids] of prompts)
      expect([prompt, padded(clip, prompt, 77)]).toEqual([prompt, fill(ids, 77, 49407)]);
  });

  test("202 prompts, the embedded model's vocabulary, 32 tokens", () => {
    for (const [prompt, , ids] of prompts) {
      expect([prompt, padded(easel, prompt, 32)]).toEqual([prompt, fill(ids, 32, easel.end)]);
    }
  });

  test('oracle: goldens/tokenizer/ids.npy, from vocab.json and merges.txt', async () => {
    const folder = oracle('ckpt/tiny/diffusers/tokenizer');
    const tokenizer = await openTokenizer({ merges: `${folder}/merges.txt`, vocab: `${folder}/vocab.json` });
    const ids = Array.from(readNpy(oracle('goldens/tokenizer/ids.npy')).data, Number);
    expect(prompts.flatMap(([prompt]) => padded(tokenizer, prompt, 77))).toEqual(ids);
  });
});

test('the iota below, a letter only in capitals, is left out as by a search that ignores case', () => {
  expect(clip.encode('a \u0345!')).toEqual(clip.encode('a !'));
});

describe('what does not fit', () => {
  test('is named, and the end token stays', () => {
    const { ids, cut } = clip.tokenize(`${'word '.repeat(74)}a Café, at NIGHT`, 77);
    expect(cut).toBe('café , at night');
    expect(ids.at(-1)).toBe(clip.end);
    expect(ids.at(-2)).toBe(clip.encode('a')[0]);
  });

  test('is nothing when the last token just fits', () => {
    expect(clip.tokenize('word '.repeat(75), 77).cut).toBe('');
  });

  test('may be half a word or half an emoji', () => {
    expect(clip.tokenize('supercalifragilistic', 4).cut).not.toBe('');
    expect(clip.tokenize('🐴🚀', 3).cut.length).toBeGreaterThan(0);
  });
});

test('decoding gives the text in lower case', () => {
  expect(clip.decode(clip.encode('A Horse, galloping — schön 🐴'))).toBe('a horse , galloping — schön 🐴');
});

test('a placeholder stands for the ids of its vectors, whatever surrounds it', async () => {
  const tokenizer = await openTokenizer({ ...clipFiles, words: new Map([['my-cat*', [49408, 49409]]]) });
  expect(tokenizer.encode('a my-cat*, sleeping')).toEqual([320, 49408, 49409, 267, ...tokenizer.encode('sleeping')]);
});

describe('names of embeddings', () => {
  const names: [string, number[]][] = [
    ['bad', [50000]],
    ['bad-hands-5', [50001, 50002]],
    ['bad-hands', [50003]],
    ['EasyNegative', [50004]],
    ['art', [50005]],
    ['<Cat-Toy>', [50006]],
    ['<cat-toy>s', [50007]],
    ['灯台', [50008]],
  ];
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await openTokenizer({ ...clipFiles, words: new Map(names) });
  });
  const learned = (text: string) => tokenizer.encode(text).filter((id) => id >= 50000);

  test.each([
    ['a cartoon of a smart cart', []],
    ['art, ART; (art) art-deco', [50005, 50005, 50005, 50005]],
    ['bad-hands-5 and bad-hands and bad', [50001, 50002, 50003, 50000]],
    ['bad-handshake', [50000]],
    ['easynegative EASYNEGATIVE easynegatives', [50004, 50004]],
    ['a <cat-toy>, a<CAT-TOY>!', [50006, 50006]],
    ['three <cat-toy>s', [50007]],
    ['die 灯台, 灯台守', [50008]],
  ])('in "%s"', (text, ids) => {
    expect(learned(text)).toEqual(ids);
  });

  test('leave the words around them as they are', () => {
    expect(tokenizer.encode('a cartoon, bad-hands-5!')).toEqual([
      ...clip.encode('a cartoon,'),
      50001,
      50002,
      ...clip.encode('!'),
    ]);
  });
});

test('a model may pad with another token than the end: Stable Diffusion 2.x with "!"', async () => {
  const tokenizer = await openTokenizer({ ...clipFiles, pad: '!' });
  expect([...tokenizer.tokenize('a', 5).ids]).toEqual([49406, 320, 49407, 0, 0]);
});

describe('files that are not a tokenizer', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-tokenizer-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const open = async (merges: string, vocab?: string) => {
    await writeFile(join(folder, 'merges.txt'), merges);
    if (vocab !== undefined) await writeFile(join(folder, 'vocab.json'), vocab);
    return openTokenizer({
      merges: join(folder, 'merges.txt'),
      ...(vocab !== undefined && { vocab: join(folder, 'vocab.json') }),
    });
  };

  test('a missing file is named', async () => {
    await expect(openTokenizer({ merges: join(folder, 'none.txt') })).rejects.toThrow(/none\.txt cannot be read/);
    await expect(openTokenizer({ merges: join(folder, 'none.txt') })).rejects.toThrow(CheckpointError);
  });

  test('merges that are not pairs are refused with their line', async () => {
    await expect(open('#version: 0.2\na b\nabc\n')).rejects.toThrow(/merges\.txt is not a CLIP vocabulary: line 3/);
  });

  test('a vocabulary that is no JSON, no object, or lacks tokens is refused', async () => {
    await expect(open('#version: 0.2\na b\n', '{"a": 1')).rejects.toThrow(
      /vocab\.json is not a CLIP vocabulary: it is not/,
    );
    await expect(open('#version: 0.2\na b\n', 'null')).rejects.toThrow(CheckpointError);
    await expect(open('#version: 0.2\na b\n', '{"a": 1}')).rejects.toThrow(/lacks the token/);
  });
});

function padded(tokenizer: Tokenizer, prompt: string, maxTokens: number): number[] {
  return [...tokenizer.tokenize(prompt, maxTokens).ids];
}

function fill(ids: readonly number[], length: number, padding: number): number[] {
  return [...ids, ...Array<number>(length - ids.length).fill(padding)];
}

test('a word may have more tokens than a call takes arguments', () => {
  expect(clip.encode('漢'.repeat(50_000))).toHaveLength(150_000);
});
