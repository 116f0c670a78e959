import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import { encodePng } from '../../src/engine/image/encode.js';
import { loadPicture } from '../../src/engine/image/load.js';
import { readMetadata } from '../../src/engine/image/metadata.js';
import { resize } from '../../src/engine/image/resize.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';
import { SIDE, STEP } from '../embedded.js';
import { read } from './pictures.js';
import { runEasel } from './run.js';

let folder: string;
let painted: string;
let photo: string;
let sd: StableDiffusion;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-vary-'));
  const first = ['--prompt', 'a fox', '--negative', 'red', '--ddim_steps', '3', '--scale', '4', '--sampler', 'euler'];
  const how = ['--seed', '9', '--rng', 'cuda', '--W', '128', '--H', '64', '--n_samples', '2', '--n_iter', '1'];
  await runEasel(['txt2img', ...first, ...how, '--outdir', join(folder, 'first')]);
  painted = join(folder, 'first/samples/00000.png');
  photo = join(folder, 'photo.jpg');
  await sharp('test/fixtures/control/picture.png').resize(70, 50, { fit: 'fill' }).jpeg().toFile(photo);
  sd = await StableDiffusion.open(EMBEDDED_MODEL);
});
afterAll(async () => {
  await sd.close();
  rmSync(folder, { recursive: true });
});

let runs = 0;
async function vary(...argv: string[]) {
  const outdir = join(folder, `out-${runs++}`);
  const { code, err, out } = await runEasel(['vary', ...argv, '--skip_grid', '--outdir', outdir]);
  const made = async (k: number) => {
    const file = join(outdir, `samples/0000${k}.png`);
    return { pixels: await read(file), parameters: await readMetadata(readFileSync(file)) };
  };
  return { code, err, out, made };
}

const common = { prompt: 'a fox', negative: 'red', steps: 3, scale: 4, sampler: 'euler', syntax: 'plain' } as const;

describe('a picture that Easel painted is varied by what it says of itself, and as the library does it', () => {
  test('strongly, from what it shows', async () => {
    const { err, out, made } = await vary(painted, '--seed', '5');
    expect(err).not.toMatch(/^easel:/m);
    expect(out).toContain(`${painted}: `);
    const image = await loadPicture(painted);
    const wanted = await sd.img2img({ ...common, image, strength: 0.6, seed: 5, rng: 'cuda', count: 2 });
    for (const [k, { pixels }] of wanted.entries()) {
      const got = await made(k);
      expect(got.pixels).toEqual(pixels);
      expect(got.parameters).toMatchObject({ prompt: 'a fox', seed: 5 + k, strength: 0.6, rng: 'GPU' });
    }
  });

  test('subtly, from nearly its noise', async () => {
    const { made } = await vary(painted, '--subtle', '--seed', '5', '--n_samples', '1', '--n_iter', '2');
    const size = { width: 128, height: 64 };
    const variation = { seed: 5, strength: 0.2 };
    const wanted = await sd.txt2img({ ...common, ...size, seed: 9, rng: 'cuda', variation, count: 2 });
    for (const [k, { pixels }] of wanted.entries()) {
      const got = await made(k);
      expect(got.pixels).toEqual(pixels);
      expect(got.parameters).toMatchObject({ seed: 9, variationSeed: 5 + k, variationStrength: 0.2 });
    }
  });

  test("by another seed's noise, which may be named", async () => {
    const how = ['--variation_strength', '0.4', '--variation_seed', '12', '--n_samples', '1'];
    const { made } = await vary(painted, ...how);
    const variation = { seed: 12, strength: 0.4 };
    const [wanted] = await sd.txt2img({ ...common, width: 128, height: 64, seed: 9, rng: 'cuda', variation });
    const { pixels, parameters } = await made(0);
    expect(pixels).toEqual(wanted!.pixels);
    expect(parameters).toMatchObject({ variationSeed: 12, variationStrength: 0.4 });
  });

  test('not at all where none of the other noise is mixed in', async () => {
    const { made } = await vary(painted, '--variation_strength', '0', '--n_samples', '1');
    const [again] = await sd.txt2img({ ...common, width: 128, height: 64, seed: 9, rng: 'cuda' });
    expect((await made(0)).pixels).toEqual(again!.pixels);
  });

  test('by what was typed instead', async () => {
    const typed = ['--prompt', 'a (dog)', '--strength', '0.8', '--ddim_steps', '2', '--scale', '5'];
    const { made } = await vary(painted, '--seed', '5', '--n_samples', '1', ...typed);
    const { parameters } = await made(0);
    expect(parameters).toMatchObject({ prompt: 'a (dog)', negative: '', strength: 0.8, steps: 2, scale: 5 });
  });
});

test("a bot's picture has its weights understood, and another paints for a model that is not here", async () => {
  const image = await loadPicture(painted);
  const prompt = 'a (red:1.4) fox';
  const said = { prompt, steps: 3, sampler: 'Euler', scale: 4, seed: 9, width: 128, height: 64, model: 'nobody' };
  const posted = join(folder, 'posted.png');
  writeFileSync(posted, await encodePng(image, said));
  const { err, made } = await vary(posted, '--subtle', '--seed', '5', '--n_samples', '1');
  expect(err).toContain(`${posted} was painted with nobody, which is not here: another paints.`);
  const how = { syntax: 'weighted', strength: 0.3, seed: 5 } as const;
  const own = { width: 2 * Math.round(SIDE / 1.5 / STEP) * STEP, height: Math.round(SIDE / 1.5 / STEP) * STEP };
  const [wanted] = await sd.img2img({ ...how, prompt, image: resize(image, own.width, own.height, 'lanczos') });
  expect((await made(0)).pixels).toEqual(wanted!.pixels);
  const refused = await vary(posted, '--variation_strength', '0.2');
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringMatching(/painted with nobody: the same noise is another/),
  ]);
});

test("another model's picture keeps its shape, as with the bot", async () => {
  const tall = resize(await loadPicture(painted), 64, 96, 'lanczos');
  const posted = join(folder, 'tall.png');
  const said = {
    prompt: 'a fox',
    steps: 1,
    sampler: 'Euler',
    scale: 4,
    seed: 9,
    width: 64,
    height: 96,
    model: 'nobody',
  };
  writeFileSync(posted, await encodePng(tall, said));
  const { made } = await vary(posted, '--seed', '5', '--n_samples', '1', '--ddim_steps', '1');
  const { width, height } = (await made(0)).pixels;
  expect([width, height]).toEqual([SIDE, 1.5 * SIDE]);
});

test('any other picture is varied from what it shows, with words or without', async () => {
  const few = ['--ddim_steps', '3', '--n_samples', '1', '--seed', '5'];
  const { made } = await vary(photo, ...few, '--prompt', 'a bird', '--subtle');
  const { parameters, pixels } = await made(0);
  expect(parameters).toMatchObject({ prompt: 'a bird', strength: 0.3 });
  expect([pixels.width, pixels.height]).toEqual([STEP, STEP]);
  expect((await (await vary(photo, ...few)).made(0)).parameters).toMatchObject({ prompt: '', strength: 0.6 });
});

test('a folder stands for its pictures, of which each has its own words; the seed differs from run to run', async () => {
  const all = [join(folder, 'first/samples'), photo, '--ddim_steps', '2', '--n_samples', '1'];
  const [one, other] = [await vary(...all), await vary(...all)];
  const said = await Promise.all([0, 1, 2].map(async (k) => (await one.made(k)).parameters));
  expect(said.map((parameters) => parameters?.prompt)).toEqual(['a fox', 'a fox', '']);
  expect(said[0]?.seed).not.toEqual((await other.made(0)).parameters?.seed);
});

test.each<[string, () => string[], RegExp]>([
  ['a picture that is not there', () => ['nowhere.png'], /no picture at nowhere\.png/],
  [
    'the second one of a run, which has no noise of its own, by its noise',
    () => [painted.replace('00000', '00001'), '--variation_strength', '0.1'],
    /00001\.png does not say .* Use --strength instead/,
  ],
  ['two ways to say how much', () => [photo, '--subtle', '--strength', '0.1'], /--subtle and --strength exclude/],
  [
    'another seed, but none of its noise',
    () => [painted, '--variation_seed', '3'],
    /say with --variation_strength how much/,
  ],
  ['two other seeds', () => [painted, '--subtle', '--variation_seed', '3', '--seed', '4'], /both say whose noise/],
  ['another seed for a photo', () => [photo, '--subtle', '--variation_seed', '3'], /instead of --variation_seed/],
  ['too much', () => [photo, '--strength', '2'], /--strength must be from 0 to 1, got 2/],
])('%s is refused in words, before a model is opened', async (_, argv, message) => {
  const { code, err } = await vary(...argv(), '--ckpt', join(folder, 'nowhere.ckpt'));
  expect([code, err]).toEqual([1, expect.stringMatching(message)]);
});
