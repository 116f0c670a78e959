import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import { encodePng } from '../../src/engine/image/encode.js';
import { loadMask, loadPicture } from '../../src/engine/image/load.js';
import { readMetadata } from '../../src/engine/image/metadata.js';
import type { Pixels } from '../../src/engine/image/pixels.js';
import type { InpaintRequest } from '../../src/engine/pipeline/request.js';
import { TorchGenerator } from '../../src/engine/random/torch.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';
import { SIDE, STEP } from '../embedded.js';
import { read } from './pictures.js';
import { runEasel } from './run.js';

let folder: string;
const at = (name: string) => join(folder, name);
const one = ['--n_samples', '1', '--skip_grid', '--ddim_steps', '2'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-inpaint-'));
  const photo = sharp('test/fixtures/control/picture.png').resize(70, 50, { fit: 'fill' });
  await photo.clone().toFile(at('photo.png'));
  const hole = { create: { width: 20, height: 20, channels: 3, background: '#fff' } } as const;
  const black = { create: { width: 70, height: 50, channels: 3, background: '#000' } } as const;
  const mask = sharp(black).composite([{ input: await sharp(hole).png().toBuffer(), left: 8, top: 16 }]);
  await mask.png().toFile(at('mask.png'));
  await sharp(black).png().toFile(at('black.png'));
  const kept = await read(at('mask.png'));
  const opacity = { ...kept, data: kept.data.map((value) => 255 - value) };
  writeFileSync(at('erased.png'), await encodePng(await read(at('photo.png')), undefined, opacity));
});
afterAll(() => rmSync(folder, { recursive: true }));

const inpaint = (...argv: string[]) => runEasel(['inpaint', ...one, '--outdir', at('out'), ...argv]);
const made = (outdir = 'out', name = '00000.png') => join(at(outdir), 'samples', name);

describe('easel inpaint paints what the library paints', () => {
  let sd: StableDiffusion;
  let image: Pixels;
  let mask: Pixels;
  beforeAll(async () => {
    sd = await StableDiffusion.open(EMBEDDED_MODEL);
    image = await loadPicture(at('photo.png'));
    mask = await loadMask(at('mask.png'), 70, 50);
  });
  afterAll(() => sd.close());

  const byLibrary = async (request: Partial<InpaintRequest>) => {
    const generator = new TorchGenerator(7);
    const common = { prompt: 'a fox', steps: 2, syntax: 'plain', generator, image, mask, area: 'masked' } as const;
    const [picture] = await sd.inpaint({ ...common, ...request });
    return picture!.pixels;
  };
  const painted = async (outdir: string, ...argv: string[]) => {
    const words = ['--prompt', 'a fox', '--seed', '7', '--area', 'masked', '--outdir', at(outdir)];
    const { code, err } = await inpaint(...words, ...argv);
    expect(err).not.toMatch(/^easel:/m);
    expect(code).toBe(0);
    return read(made(outdir));
  };

  test('inside a mask, by its own name of the steps and every option of its own', async () => {
    const own = ['--padding', '4', '--strength', '0.7', '--fill', 'surroundings'];
    const got = await painted('masked', '--init-img', at('photo.png'), '--mask', at('mask.png'), ...own);
    expect(got).toEqual(await byLibrary({ padding: 4, strength: 0.7, fill: 'surroundings' }));
    expect(await readMetadata(readFileSync(made('masked')))).toMatchObject({ strength: 0.7, maskedContent: 'fill' });
  });

  test('where a picture is transparent', async () => {
    const erased = await loadPicture(at('erased.png'));
    expect(await painted('erased', '--init-img', at('erased.png'))).toEqual(await byLibrary({ image: erased }));
  });

  test('the whole picture at the size that fits, with the same bytes as img2img --mask', async () => {
    const words = ['--prompt', 'a fox', '--init-img', at('photo.png'), '--mask', at('mask.png')];
    expect((await inpaint(...words, '--outdir', at('whole'))).code).toBe(0);
    await runEasel(['img2img', ...one, ...words, '--outdir', at('img2img')]);
    const [got, wanted] = [await read(made('whole')), await read(made('img2img'))];
    expect([got.width, got.height]).toEqual([STEP, STEP]);
    expect(got).toEqual(wanted);
  });
});

test('the pictures of a folder are paired with their masks, and their own words are the prompt', async () => {
  const indir = at('in');
  mkdirSync(indir);
  await runEasel(['txt2img', '--prompt', 'a fox', ...one, '--n_iter', '1', '--outdir', at('first')]);
  copyFileSync(made('first'), join(indir, 'b.png'));
  await sharp(at('mask.png')).resize(SIDE, SIDE, { fit: 'fill' }).toFile(join(indir, 'b_mask.png'));
  copyFileSync(at('photo.png'), join(indir, 'a.png'));
  copyFileSync(at('mask.png'), join(indir, 'a_mask.png'));
  copyFileSync(at('photo.png'), join(indir, 'without-a-mask.png'));
  const all = ['inpaint', '--indir', indir, '--steps', '2', '--n_samples', '1', '--outdir', at('pairs')];
  const { code, out } = await runEasel(all);
  expect(code).toBe(0);
  expect(out).toMatch(/^Found 2 inputs\.$/m);
  expect(out).toMatch(/a\.png: .*samples.00000\.png\n[\s\S]*b\.png: .*samples.00001\.png\n/);
  const words = async (name: string) => (await readMetadata(readFileSync(made('pairs', name))))?.prompt;
  expect([await words('00000.png'), await words('00001.png')]).toEqual(['', 'a fox']);
});

test.each<[string, string[], RegExp]>([
  ['no picture', [], /give its path with --init-img/],
  ['no mask, and nothing transparent', ['--init-img', 'photo.png'], /does not say what to repaint\. Give a mask/],
  ['a mask that keeps everything', ['--init-img', 'photo.png', '--mask', 'black.png'], /black everywhere/],
  [
    'a mask of another size',
    ['--init-img', 'photo.png', '--mask', `${process.cwd()}/test/fixtures/control/picture.png`],
    /The mask is .* but the picture is 70x50/,
  ],
  ['padding around nothing', ['--init-img', 'photo.png', '--padding', '4'], /--padding only counts with --area masked/],
  ['a folder without masks', ['--indir', '.'], /There is no mask in .*_mask\.png/],
  ['a folder and a picture', ['--indir', '.', '--init-img', 'photo.png'], /--indir and --init-img exclude each other/],
  ['two names of the steps', ['--steps', '3'], /--steps and --ddim_steps are the same/],
])('%s is refused in words, before a model is opened', async (_, argv, message) => {
  const paths = argv.map((word) => (/^(photo|black)\.png$/.test(word) ? at(word) : word === '.' ? at('.') : word));
  const { code, err } = await inpaint('--ckpt', at('nowhere.ckpt'), ...paths);
  expect([code, err]).toEqual([1, expect.stringMatching(message)]);
});
