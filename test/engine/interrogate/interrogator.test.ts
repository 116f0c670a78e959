import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clipIn } from '../../../src/engine/checkpoint/clip.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { Interrogator } from '../../../src/engine/interrogate/interrogator.js';
import { phrasesFor, promptsOf, type Ranked, type Ranking, rank } from '../../../src/engine/interrogate/rank.js';
import { GROUPS, WORDS } from '../../../src/engine/interrogate/words.js';
import { oracle } from '../../oracle.js';
import { clip, writeSmallClip } from './small-clip.js';

let folder: string;
let cache: string;
let model: string;
let interrogator: Interrogator;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-clip-'));
  cache = join(folder, 'cache');
  model = await writeSmallClip(join(folder, 'models/clip/small'));
  interrogator = await Interrogator.open(model, { cache });
});
afterAll(async () => {
  await interrogator?.close();
  rmSync(folder, { recursive: true });
});

/** The picture of test/oracle/clip.py. */
const [WIDTH, HEIGHT] = [420, 300];
const picture: Pixels = {
  width: WIDTH,
  height: HEIGHT,
  data: Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const [y, x, c] = [Math.floor(i / 3 / WIDTH), Math.floor(i / 3) % WIDTH, i % 3];
    return (3 * x + 5 * y * (c + 1) + Math.floor((x * y) / 8)) % 256;
  }),
};

const furthest = (got: Float32Array, want: readonly number[]) =>
  want.reduce((most, value, k) => Math.max(most, Math.abs(value - got[k]!)), 0);

describe('a CLIP', () => {
  test("embeds a picture and texts as transformers' CLIPModel does, texts of any lengths together", async () => {
    const found = await interrogator.embed(picture, clip.texts);
    expect(furthest(found.picture, clip.image_embeds)).toBeLessThan(2e-5);
    expect(furthest(found.texts, clip.text_embeds)).toBeLessThan(2e-5);
    expect(found.texts.length).toBe(clip.text_embeds.length);
  });

  test('says the same again from the embeddings that it kept, and makes them anew for another file', async () => {
    const first = await interrogator.interrogate(picture);
    expect(first.prompts).toHaveLength(3);
    const kept = await readdir(join(cache, 'phrases'));
    expect(kept).toHaveLength(1);
    await using again = await Interrogator.open(model, { cache });
    expect(await again.interrogate(picture)).toEqual(first);
    expect(await readdir(join(cache, 'phrases'))).toEqual(kept);
    await utimes(join(model, 'model.safetensors'), 1, 1);
    await again.interrogate(picture);
    expect(await readdir(join(cache, 'phrases'))).toHaveLength(2);
  });

  test('is found among models, and nothing else is taken for one', async () => {
    expect(await clipIn(join(folder, 'models'))).toBe(model);
    expect(await clipIn(model)).toBe(model);
    expect(await clipIn(oracle('ckpt/tiny/diffusers'))).toBeUndefined();
    expect(await clipIn(join(folder, 'nowhere'))).toBeUndefined();
  });

  test.each([
    ['a text encoder alone', () => oracle('ckpt/tiny/diffusers/text_encoder')],
    ['a safety checker', () => oracle('ckpt/safety_checker')],
    ['a folder with a broken configuration', () => broken({ text_config: { hidden_size: 'x' } })],
    ['one without projections', () => broken({ text_config: {} })],
  ])('is refused if it is %s', async (_, path) => {
    await expect(Interrogator.open(path())).rejects.toThrow(CheckpointError);
  });
});

function broken(config: object): string {
  const path = mkdtempSync(join(folder, 'broken-'));
  writeFileSync(join(path, 'config.json'), JSON.stringify({ model_type: 'clip', ...config }));
  return path;
}

describe('the words', () => {
  test('are a few hundred, each once in its group', () => {
    const all = GROUPS.flatMap((group) => WORDS[group].phrases.map((text) => `${group} ${text}`));
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(350);
    expect(all.filter((text) => /\s{2}|\n|[^a-z0-9' -]/.test(text))).toEqual([]);
  });

  test('are only those that a model knows, if it has a list, and all things on its list', () => {
    const phrases = phrasesFor({ knows: ['owl', 'party face'], modifiers: ['red'] });
    const said = (group: string) => phrases.filter((phrase) => phrase.group === group).map(({ text }) => text);
    expect(said('subject')).toEqual(['an owl', 'owl', 'party face']);
    expect(said('colours')).toEqual(['red']);
    expect(said('medium')).toEqual([]);
  });
});

describe('a ranking', () => {
  test('puts the nearest first, and divides the belief of a group by the scale', () => {
    const phrases = [
      { group: 'subject', text: 'a cat', asked: 'x' },
      { group: 'light', text: 'fog', asked: 'x' },
      { group: 'subject', text: 'a dog', asked: 'x' },
    ] as const;
    const { subject, light, view } = rank(Float32Array.of(1, 0), phrases, Float32Array.of(0, 1, 1, 0, 0.6, 0.8), 1);
    expect(subject.map(({ text }) => text)).toEqual(['a dog', 'a cat']);
    expect(subject[0]!.share).toBeCloseTo(Math.exp(0.6) / (Math.exp(0.6) + 1), 6);
    expect(light).toEqual([{ text: 'fog', likeness: 1, share: 1 }]);
    expect(view).toEqual([]);
  });

  const sure = (text: string, share = 0.9): Ranked => ({ text, share, likeness: 0.3 });
  const nothing = Object.fromEntries(GROUPS.map((group) => [group, [] as Ranked[]])) as unknown as Ranking;

  test('becomes prompts that can be painted, without what is not sure', () => {
    const ranking = {
      ...nothing,
      medium: [sure('an oil painting')],
      subject: [sure('a fox'), sure('a wolf', 0.05)],
      place: [sure('in a forest')],
      light: [sure('fog', 0.1)],
      style: [sure('baroque')],
    };
    expect(promptsOf(ranking, 3)).toEqual([
      'an oil painting of a fox, in a forest, baroque style',
      'an oil painting of a wolf, in a forest, baroque style',
    ]);
    expect(promptsOf({ ...nothing, subject: [sure('owl')] }, 3)).toEqual(['owl']);
    expect(promptsOf(nothing, 3)).toEqual([]);
  });
});
