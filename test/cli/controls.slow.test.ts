import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { readMetadata } from '../../src/engine/image/metadata.js';
import { oracle, secondOracle } from '../oracle.js';
import { read } from './pictures.js';
import { runEasel } from './run.js';

let folder: string;
let photo: string;
const NANO = ['--ckpt', oracle('ckpt/nano/nano-ema-only.safetensors'), '--config', oracle('ckpt/nano/v1-nano.yaml')];
const FEW = ['--prompt', 'a fox', '--ddim_steps', '3', '--n_samples', '1', '--n_iter', '1', '--skip_grid'];
const NET = secondOracle('controlnet/ckpt/control_nano_diffusers');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-controls-'));
  cpSync(NET, join(folder, 'models/controlnet/control_v11p_sd15_canny'), { recursive: true });
  vi.stubEnv('MODELS_DIR', join(folder, 'models'));
  photo = join(folder, 'photo.png');
  await sharp('test/fixtures/control/picture.png').toFile(photo);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});
let count = 0;
let outdir = '';
afterEach(() => rmSync(outdir, { recursive: true, force: true }));

/** Paints one picture. */
async function painted(...argv: string[]) {
  outdir = join(folder, `out-${count++}`);
  const img2img = argv.includes('--init-img');
  const size = img2img ? [] : ['--H', '64', '--W', '64'];
  const { code, err, out } = await runEasel([
    img2img ? 'img2img' : 'txt2img',
    ...[...NANO, ...FEW, ...size, '--outdir', outdir, ...argv],
  ]);
  if (code !== 0) return { code, err, out };
  const file = join(outdir, 'samples', readdirSync(join(outdir, 'samples'))[0]!);
  return { code, err, out, pixels: (await read(file)).data, made: await readMetadata(readFileSync(file)) };
}

const canny = [
  '--control_net',
  'canny',
  '--control_image',
  'test/fixtures/control/picture.png',
  '--preprocessor',
  'canny',
];

describe('--control_net', () => {
  test('steers txt2img; the picture says how', async () => {
    const [plain, steered] = [
      await painted(),
      await painted(...canny, '--control_scale', '0.5', '--control_end', '0.9'),
    ];
    expect(steered.err).not.toMatch(/^easel:/m);
    expect(steered.pixels).not.toEqual(plain.pixels);
    expect(plain.made).not.toHaveProperty('controls');
    const model = expect.stringMatching(/^control_v11p_sd15_canny \[[0-9a-f]{8}\]$/);
    const said = { module: 'canny', model, weight: 0.5, thresholds: [100, 200], start: 0, end: 0.9, guess: false };
    expect(steered.made?.controls).toMatchObject([said]);
    const seen = await painted(...canny);
    const file = join(outdir, 'samples', readdirSync(join(outdir, 'samples'))[0]!);
    const { out } = await runEasel(['inspect', file]);
    expect(out).toMatch(/^ControlNet 0: Module: canny, Model: control_v11p_sd15_canny/m);
    expect(seen.pixels).not.toEqual(steered.pixels);
  });

  test.each([
    ['a path', NET],
    ['its name', 'control_v11p_sd15_canny'],
    ['the name that it is pulled by', 'controlnet-canny'],
    ["its repository's name", 'lllyasviel/control_v11p_sd15_canny'],
  ])('takes %s', async (_, name) => {
    const [, , ...rest] = canny;
    const [one, other] = [await painted(...canny), await painted('--control_net', name, ...rest)];
    expect(other.pixels).toEqual(one.pixels);
  });

  test('takes the one that fits of those for the same thing', async () => {
    const one = await painted(...canny);
    const broken = join(folder, 'models/controlnet/a_canny.safetensors');
    cpSync(oracle('ckpt/nano/nano-ema-only.safetensors'), broken);
    const other = await painted(...canny);
    rmSync(broken);
    expect(other.err).not.toMatch(/^easel:/m);
    expect(other.pixels).toEqual(one.pixels);
  });

  test('steers img2img', async () => {
    const start = ['--init-img', photo, '--strength', '0.9'];
    const [plain, steered] = [await painted(...start), await painted(...start, ...canny, '--guess_mode')];
    expect(steered.pixels).not.toEqual(plain.pixels);
    expect(steered.made?.controls).toMatchObject([{ guess: true }]);
  });

  test('steers what is painted inside a mask', async () => {
    const mask = join(folder, 'mask.png');
    await sharp({ create: { width: 150, height: 101, channels: 3, background: 'white' } }).toFile(mask);
    const inside = ['--init-img', photo, '--mask', mask];
    const [plain, steered] = [await painted(...inside), await painted(...inside, ...canny)];
    expect(steered.pixels).not.toEqual(plain.pixels);
    expect(steered.made?.controls).toMatchObject([{ module: 'canny' }]);
  });

  test('several at once, with options for all of them or for each', async () => {
    const two = [...canny, '--control_net', NET, '--control_scale', '0.25', '--control_scale', '0.4'];
    const { made, pixels } = await painted(...two);
    expect(made?.controls).toMatchObject([
      { weight: 0.25, module: 'canny' },
      { weight: 0.4, module: 'canny' },
    ]);
    expect(pixels).not.toEqual((await painted(...canny)).pixels);
  });
});

describe('is refused in words', () => {
  test.each<[string, string[], RegExp]>([
    [
      'a name that is not there',
      ['--control_net', 'pose', '--control_image', 'x.png'],
      /no ControlNet "pose" in .*There are: control_v11p_sd15_canny.*easel pull controlnet-canny/,
    ],
    ['no picture', ['--control_net', 'canny'], /needs a picture: .*--control_image/],
    ['a picture that is not there', ['--control_net', 'canny', '--control_image', 'x.png'], /no picture at x\.png/],
    ['no ControlNet', ['--control_image', 'x.png'], /--control_image is for a ControlNet/],
    ['guess mode alone', ['--guess_mode'], /--guess_mode is for a ControlNet/],
    [
      'more scales than ControlNets',
      [...canny, '--control_scale', '1', '--control_scale', '2'],
      /--control_scale is given 2 times, --control_net 1 times/,
    ],
    ['a scale that is too large', [...canny, '--control_scale', '3'], /--control_scale must be from 0 to 2/],
    [
      'a checkpoint',
      ['--control_net', NANO[1]!, '--control_image', 'test/fixtures/control/picture.png'],
      /there is no ControlNet in it/,
    ],
  ])('%s', async (_, argv, message) => {
    const { code, err } = await painted(...argv);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  });

  test('a preprocessor that is not there, with those that are', async () => {
    const { code, err } = await painted(...canny, '--preprocessor', 'openpose');
    expect([code, err]).toEqual([2, expect.stringMatching(/Choose one of: none, canny, scribble/)]);
  });

  test('one for another kind of model', async () => {
    const argv = ['txt2img', ...FEW, '--outdir', join(folder, 'none'), ...canny];
    const { code, err } = await runEasel(argv.filter((word) => word !== '--config'));
    expect([code, err]).toEqual([1, expect.stringMatching(/prompts of width 8, the model's have 192/)]);
  });

  test('a ControlNet as a model, with where it goes', async () => {
    const { code, err } = await runEasel(['txt2img', '--ckpt', NET]);
    expect([code, err]).toEqual([1, expect.stringMatching(/a ControlNet.*--control_net/)]);
  });
});

test('easel models lists ControlNets apart, and neither them nor upscalers as models', async () => {
  mkdirSync(join(folder, 'models/upscalers'), { recursive: true });
  cpSync(NET, join(folder, 'models/upscalers/x'), { recursive: true });
  const { out } = await runEasel(['models']);
  expect(out).toMatch(/^control_v11p_sd15_canny\n {2}ControlNet for canny, for --control_net$/m);
  expect(out).not.toMatch(/upscalers|controlnet\/|unusable/);
});

test("a prefix that means one of the reference's options still does", async () => {
  // --preprocessor and --control_net begin so, too.
  const [, , , yaml] = NANO;
  const { code, err } = await painted('--pre', 'full', '--con', yaml!);
  expect(err).not.toMatch(/^easel:/m);
  expect(code).toBe(0);
});
