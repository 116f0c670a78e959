import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { openTokenizer } from '../../../src/engine/text/open-tokenizer.js';
import { oracle, wholeOracle } from '../../oracle.js';

const { prompts }: { prompts: [prompt: string, clip: number[], easel: number[]][] } = JSON.parse(
  readFileSync(new URL('../../fixtures/tokens.json', import.meta.url), 'utf8'),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-tokenizer-folder-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The embedded model with another `tokenizer` folder. */
async function variant(name: string, files: Record<string, unknown>): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, 'tokenizer'), { recursive: true });
  for (const part of ['model_index.json', 'easel.json', 'scheduler', 'text_encoder', 'unet', 'vae']) {
    await symlink(join(EMBEDDED_MODEL, part), join(path, part));
  }
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(path, 'tokenizer', file), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return path;
}

const read = (file: string) => readFile(join(EMBEDDED_MODEL, 'tokenizer', file), 'utf8');

/** What transformers 5 writes for the embedded model's vocabulary. */
async function whole(asText = false, added: object[] = []): Promise<object> {
  const merges = (await read('merges.txt')).trim().split('\n').slice(1);
  const ends = { 7512: '<|startoftext|>', 7513: '<|endoftext|>' };
  return {
    version: '1.0',
    added_tokens: [
      ...Object.entries(ends).map(([id, content]) => ({ id: Number(id), content, normalized: true, special: true })),
      ...added,
    ],
    model: {
      type: 'BPE',
      end_of_word_suffix: '</w>',
      vocab: JSON.parse(await read('vocab.json')),
      merges: asText ? merges : merges.map((line) => line.split(' ')),
    },
  };
}

const settings = { model_max_length: 32, pad_token: '<|endoftext|>', tokenizer_class: 'CLIPTokenizer' };
const tokenizerOf = async (path: string) => openTokenizer((await openModel(path)).tokenizer);

describe('a folder with tokenizer.json alone, as transformers 5 writes it', () => {
  test.each([
    ['pairs', false],
    ['texts', true],
  ])('gives the ids of merges.txt and vocab.json; merges as %s', async (name, asText) => {
    const path = await variant(name, { 'tokenizer.json': await whole(asText), 'tokenizer_config.json': settings });
    expect((await openModel(path)).maxTokens).toBe(32);
    const tokenizer = await tokenizerOf(path);
    for (const [prompt, , ids] of prompts) expect(tokenizer.encode(prompt).slice(0, 30)).toEqual(ids.slice(1, -1));
  });

  test('paints', async () => {
    const path = await variant('paints', { 'tokenizer.json': await whole(), 'tokenizer_config.json': settings });
    const request = { prompt: 'a red apple', seed: 7, steps: 2 };
    await using other = await StableDiffusion.open(path, { device: 'cpu' });
    await using own = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
    expect((await other.txt2img(request))[0]!.pixels).toEqual((await own.txt2img(request))[0]!.pixels);
  });

  test('is refused when its model is none of CLIP', async () => {
    const path = await variant('unigram', { 'tokenizer.json': { model: { type: 'Unigram', vocab: [['a', 0]] } } });
    await expect(tokenizerOf(path)).rejects.toThrow(/tokenizer\.json is not a CLIP vocabulary/);
  });

  // Four megabytes: too large for the repository.
  if (wholeOracle) {
    const real = oracle('../cases/ckpt/transformers-5-tokenizer');
    test("the real one, of CLIP's vocabulary", async () => {
      const path = await variant('real', {});
      await cp(real, join(path, 'tokenizer'), { recursive: true });
      const tokenizer = await tokenizerOf(path);
      for (const [prompt, ids] of prompts) expect(tokenizer.encode(prompt).slice(0, 75)).toEqual(ids.slice(1, -1));
    });
  }
});

test('a folder without any of them is refused with what is missing', async () => {
  const open = openModel(await variant('none', { 'tokenizer_config.json': settings }));
  await expect(open).rejects.toThrow(/neither a tokenizer\.json nor a merges\.txt/);
  await expect(open).rejects.toThrow(CheckpointError);
});

describe('added tokens', () => {
  const added = { '<cat-toy>': 7514, '<cat-toy>_1': 7515, sks: 7516 };
  const old = async () => ({ 'merges.txt': await read('merges.txt'), 'vocab.json': await read('vocab.json') });
  const list = Object.entries(added).map(([content, id]) => ({ content, id, special: false }));

  test.each([
    ['added_tokens.json', async () => ({ ...(await old()), 'added_tokens.json': added })],
    [
      'tokenizer_config.json',
      async () => ({
        ...(await old()),
        'tokenizer_config.json': {
          ...settings,
          added_tokens_decoder: Object.fromEntries(list.map(({ id, ...token }) => [id, token])),
        },
      }),
    ],
    ['tokenizer.json', async () => ({ 'tokenizer.json': await whole(false, list), 'tokenizer_config.json': settings })],
  ])('in %s are one token each', async (name, files) => {
    const path = await variant(`added-${name}`, await files());
    const tokenizer = await tokenizerOf(path);
    const [a, on] = [tokenizer.encode('a'), tokenizer.encode('on')];
    expect(tokenizer.encode('a <cat-toy> on <cat-toy>_1')).toEqual([...a, 7514, ...on, 7515]);
    expect(tokenizer.encode('a sks')).toEqual([...a, 7516]);
    expect(tokenizer.encode('<|startoftext|>')).toEqual([7512]);
  });

  test('without a vector in the text encoder cause a warning, and are refused when used', async () => {
    const path = await variant('stray', { ...(await old()), 'added_tokens.json': added });
    await using sd = await StableDiffusion.open(path, { device: 'cpu' });
    expect(sd.model.warnings).toEqual([expect.stringMatching(/the word "<cat-toy>", but the text encoder/)]);
    await expect(sd.txt2img({ prompt: 'a <cat-toy>', steps: 1 })).rejects.toThrow(
      /a token 7514, but the text encoder knows only 7514.*Leave "<cat-toy>" out/,
    );
    expect(await sd.txt2img({ prompt: 'a red apple', steps: 1 })).toHaveLength(1);
  });

  test('by the million are refused', async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, k) => [`<${k}>`, 7514 + k]));
    const path = await variant('many', { ...(await old()), 'added_tokens.json': many });
    await expect(openModel(path)).rejects.toThrow(/20000 tokens were added/);
  });
});
