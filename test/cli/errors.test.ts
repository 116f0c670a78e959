import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../src/config.js';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import { nearestSide } from '../../src/engine/pipeline/request.js';
import { packageRoot } from '../../src/package-root.js';
import { embedded, STEP } from '../embedded.js';
import { oracle } from '../oracle.js';
import { read } from './pictures.js';
import { runEasel } from './run.js';

const LORA = join(packageRoot, 'test/fixtures/lora/kohya.safetensors');
const STEERING = join(packageRoot, 'test/fixtures/control/picture.png');
const steered = (net: string, image: string) => ['txt2img', '--control_net', net, '--control_image', image];
const weighted = ['txt2img', '--weighted', '--prompt'];
const NANO = oracle('ckpt/nano/nano-ema-only.safetensors');
const unet = 'unet/diffusion_pytorch_model.safetensors';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-errors-'));
  const copy = (name: string) => {
    cpSync(EMBEDDED_MODEL, join(folder, name), { recursive: true });
    return (file: string) => join(folder, name, file);
  };
  const truncated = copy('truncated')(unet);
  truncateSync(truncated, statSync(truncated).size / 2);
  rmSync(copy('no-unet')(unet));
  writeFileSync(copy('bad-json')('unet/config.json'), '{ "in_channels": ');
  writeFileSync(join(folder, 'empty.txt'), '');
  writeFileSync(join(folder, 'text.png'), 'not a picture');
  writeFileSync(join(folder, 'a-file'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('bad input ends in one line that names it, exit code 1, and nothing written', () => {
  const at = (name: string) => join(folder, name);
  test.each<[string, () => string[], RegExp]>([
    ['a model that is not there', () => ['txt2img', '--ckpt', at('nowhere.ckpt')], /nowhere\.ckpt/],
    ['a model name that is not there', () => ['txt2img', '--model', 'nobody'], /no model "nobody".*easel models/],
    [
      'a configuration that is not there, for a folder',
      () => ['txt2img', '--config', at('nowhere.yaml')],
      /nowhere\.yaml/,
    ],
    ['a truncated weights file', () => ['txt2img', '--ckpt', at('truncated')], /truncated.*safetensors/],
    ['a folder without its UNet', () => ['txt2img', '--ckpt', at('no-unet')], /no-unet.*unet/i],
    ['a config.json that is no JSON', () => ['txt2img', '--ckpt', at('bad-json')], /bad-json.*config\.json/],
    ['a picture that is not there', () => ['img2img', '--init-img', at('nowhere.png')], /nowhere\.png/],
    ['a picture that is none', () => ['img2img', '--init-img', at('text.png')], /text\.png/],
    [
      'that, before the model is opened',
      () => ['img2img', '--ckpt', at('truncated'), '--init-img', at('nowhere.png')],
      /no picture at .*nowhere\.png/,
    ],
    ['no picture', () => ['img2img'], /--init-img/],
    [
      'an image scale for a model that does not edit',
      () => ['img2img', '--init-img', STEERING, '--image_cfg_scale', '1.5'],
      /--image_cfg_scale is for models that edit pictures/,
    ],
    [
      'a ControlNet that counts too much',
      () => [...steered('.', STEERING), '--control_scale', '3'],
      /--control_scale must be from 0 to 2, got 3/,
    ],
    [
      'a part of the steps that ends before it starts',
      () => [...steered('.', STEERING), '--control_start', '0.8', '--control_end', '0.2'],
      /--control_start is 0\.8, and must be less than --control_end, which is 0\.2/,
    ],
    [
      'a picture to steer that is not there, before the model is opened',
      () => [...steered('.', at('nowhere.png')), '--ckpt', at('truncated')],
      /no picture at .*nowhere\.png/,
    ],
    [
      'a ControlNet that is not there, before the model is opened',
      () => [...steered('nobody', STEERING), '--ckpt', at('truncated')],
      /no ControlNet "nobody"/,
    ],
    [
      'a strength of 1.5',
      () => ['img2img', '--init-img', at('text.png'), '--strength', '1.5'],
      /strength.*0 to 1.*1\.5/,
    ],
    [
      'a height of 100',
      () => ['txt2img', '--H', '100'],
      new RegExp(`height 100 .*nearest is ${nearestSide(100, STEP)}\\.`),
    ],
    ['an empty prompt file', () => ['txt2img', '--from-file', at('empty.txt')], /empty\.txt/],
    ['a prompt file that is not there', () => ['txt2img', '--from-file', at('nowhere.txt')], /nowhere\.txt/],
    ['a prompt without text', () => ['txt2img', '--prompt'], /--prompt needs a value/],
    ['eta with PLMS', () => ['txt2img', '--plms', '--ddim_eta', '0.5'], /eta must be 0 for PLMS/],
    ['PLMS from a picture', () => ['img2img', '--plms', '--init-img', at('text.png')], /PLMS/],
    ['more steps than there are', () => ['txt2img', '--ddim_steps', '1001'], /steps.*1 to 1000.*1001/],
    ['no steps', () => ['txt2img', '--ddim_steps', '0'], /steps/],
    ['no samples', () => ['txt2img', '--n_samples', '0'], /--n_samples/],
    [
      'more samples than go at once',
      () => ['txt2img', '--n_samples', '9999999999'],
      /--n_samples must be from 1 to 64, got 9999999999/,
    ],
    ['a grid of less than no columns', () => ['txt2img', '--n_rows', '-1'], /--n_rows must be at least 0, got -1/],
    ['less than no threads', () => ['txt2img', '--threads', '-1'], /--threads must be from 1 to 1024, got -1/],
    ['a million threads', () => ['txt2img', '--threads', '1000000'], /--threads must be from 1 to 1024/],
    ['five latent channels', () => ['txt2img', '--C', '5'], new RegExp(`--C is 5.*${embedded.latentChannels}`)],
    [
      'noise levels the wrong way round, before the model is opened',
      () => ['txt2img', '--guidance_interval', '5,1', '--ckpt', at('truncated')],
      /--guidance_interval must be two noise levels from 0 to 10000, the lower one first, .*got 5,1/,
    ],
    [
      'a seam wider than any picture, before the model is opened',
      () => ['outpaint', '--init-img', STEERING, '--left', '64', '--seam', '5000', '--ckpt', at('truncated')],
      /--seam must be from 0 to 4096, got 5000/,
    ],
    ['a variation seed by itself', () => ['txt2img', '--variation_seed', '3'], /--variation_strength/],
    ['a variation and fixed noise', () => ['txt2img', '--variation_strength', '0.2', '--fixed_code'], /--fixed_code/],
    [
      'a layer that the text encoder does not have',
      () => ['txt2img', '--clip_skip', '12'],
      /no layer that is number 12 from the end: .*--clip_skip/,
    ],
    ['a seed that is none', () => ['txt2img', '--seed', '-1'], /--seed must be from 0 to 4294967295, got -1/],
    [
      'that, before anything is enlarged',
      () => ['upscale', STEERING, '--details', '--seed', '-1', '--ckpt', at('truncated')],
      /--seed must be from 0 to 4294967295, got -1/,
    ],
    ...(['--seed=3', '--negative=red', '--precision=full'] as const).map((option): [string, () => string[], RegExp] => [
      `${option} where nothing is painted`,
      () => ['upscale', STEERING, option],
      /--\w+ is for painting details: add --details/,
    ]),
    ['a picture to enlarge that is not there', () => ['upscale', at('nowhere.png')], /no picture at .*nowhere\.png/],
    [
      'a number that is out of range, before the model is opened',
      () => ['txt2img', '--ckpt', at('truncated'), '--clip_skip', '13'],
      /--clip_skip must be from 1 to 12, got 13/,
    ],
    [
      'a mask of another size, before the model is opened',
      () => [
        'img2img',
        '--ckpt',
        at('truncated'),
        '--init-img',
        STEERING,
        '--mask',
        join(EMBEDDED_MODEL, 'samples.jpg'),
      ],
      /make them the same size/,
    ],
    [
      'sigmas that a sampler does not take',
      () => ['txt2img', '--sampler', 'ddim', '--sigmas', 'karras'],
      /DDIM does not take --sigmas karras\. Choose one of: /,
    ],
    ['LAION-400M that is not there', () => ['txt2img', '--laion400m'], /models\/ldm\/text2img-large\/model\.ckpt/],
    [
      'a device that is not here',
      () => ['txt2img', '--device', 'coreml'],
      /coreml cannot be used: .*--device auto or cpu/,
    ],
    ['a TAESD that is not there', () => ['txt2img', '--vae', 'taesd'], /There is no taesd in .*taesd_decoder/],
    ['a LoRA for a checkpoint', () => ['txt2img', '--ckpt', LORA], /this is a LoRA\..* models\/lora\/ .*--weighted/],
    ['a LoRA where there is none', () => [...weighted, 'a <lora:nobody:1>'], /None is installed\. .* models\/lora\//],
    ['a picture to inspect that is not there', () => ['inspect', at('nowhere.png')], /nowhere\.png/],
  ])('%s', async (_, argv, message) => {
    const outdir = mkdtempSync(join(folder, 'out-'));
    const out = argv()[0] === 'inspect' ? [] : ['--outdir', outdir];
    const { code, err } = await runEasel([...argv(), ...out]);
    expect(err).toMatch(/^easel: .+\n$/m);
    expect(err).toMatch(message);
    expect(code).toBe(1);
    expect(readdirSync(outdir, { recursive: true }).filter((name) => String(name).includes('.'))).toEqual([]);
  });

  test('a folder without a name', async () => {
    const { code, err } = await runEasel(['txt2img', '--outdir', '']);
    expect(err).toBe('easel: --outdir is empty: name a folder, or . for this one.\n');
    expect(code).toBe(1);
  });

  test('a folder that cannot be made', async () => {
    const { code, err } = await runEasel(['txt2img', '--outdir', join(folder, 'a-file', 'out')]);
    expect(err).toMatch(/a-file.*--outdir/);
    expect(code).toBe(1);
  });
});

describe('a command line that makes no sense ends with usage and exit code 2, as argparse does', () => {
  test.each([
    [['txt2img', '--nonsense']],
    [['txt2img', '--H', 'tall']],
    [['txt2img', '--H', '5.0']],
    [['txt2img', '--precision', 'half']],
    [['draw']],
  ])('%j', async (argv) => {
    const { code, err } = await runEasel(argv);
    expect(code).toBe(2);
    expect(err).toMatch(/error: /);
  });

  test.each<[string[], RegExp]>([
    [['txt2img', 'a red apple'], /after --prompt, in quotes: .*\nSee: npx easel txt2img --help\n$/],
    [['txt2img', '--prompt', 'a', 'red', 'apple'], /after --prompt, in quotes/],
    [['paint', 'a red apple'], /To paint: npx easel txt2img --prompt/],
    [
      ['a red apple'],
      /unknown command 'a red apple'\nTo paint: npx easel txt2img --prompt .*\nSee: npx easel --help\n$/,
    ],
    [['txt2img', '--steps', '5'], /Here it is called --ddim_steps\./],
    [['txt2img', '--cfg=7'], /Here it is called --scale\./],
    [['help', 'draw'], /^error: unknown command 'draw'\nSee: npx easel --help\n$/],
  ])('%j, and says what to write instead', async (argv, hint) => {
    expect(await runEasel(argv)).toEqual({ code: 2, out: '', err: expect.stringMatching(hint) });
  });

  test('--help is no error and lists every argument of the reference', async () => {
    const { code, out } = await runEasel(['txt2img', '--help']);
    expect(code).toBe(0);
    for (const name of [
      'prompt',
      'outdir',
      'skip_grid',
      'skip_save',
      'ddim_steps',
      'plms',
      'dpm_solver',
      'laion400m',
      'fixed_code',
      'ddim_eta',
      'n_iter',
      'H',
      'W',
      'C',
      'f',
      'n_samples',
      'n_rows',
      'scale',
      'from-file',
      'config',
      'ckpt',
      'seed',
      'precision',
    ]) {
      expect(out).toMatch(new RegExp(`--${name}\\b`));
    }
  });
});

test('what is misspelt is told with what was perhaps meant', async () => {
  expect((await runEasel(['txt2img', '--promt', 'a fox'])).err).toContain('(Did you mean --prompt?)');
  expect((await runEasel(['inpant'])).err).toContain('(Did you mean inpaint?)');
});

test('whoever reads the output may stop, as head does, and nothing is said', async () => {
  const child = spawn(process.execPath, ['dist/src/cli/main.js', 'txt2img', '--help'], { cwd: packageRoot });
  child.stdout.destroy();
  const said = text(child.stderr);
  expect([...(await once(child, 'exit')), await said]).toEqual([141, null, '']);
});

describe('what it writes', () => {
  const small = ['txt2img', '--prompt', 'a red apple', '--n_samples', '1', '--ddim_steps', '2'];

  test('prefixes of arguments, JSON lines, counters that go on, and pictures that say how they were made', async () => {
    const outdir = join(folder, 'written');
    const argv = [
      'txt2img',
      '--prom',
      'a red apple',
      '--n_s',
      '2',
      '--n_i=1',
      '--ddim_st',
      '3',
      '--outdir',
      outdir,
      '--json',
    ];
    const { code, out } = await runEasel(argv);
    expect(code).toBe(0);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.filter(({ event }) => event === 'progress')).not.toHaveLength(0);
    expect(events.filter(({ event }) => event === 'picture').map(({ path }) => path)).toEqual([
      join(outdir, 'samples/00000.png'),
      join(outdir, 'samples/00001.png'),
    ]);
    expect(events.at(-1)).toEqual({ event: 'done', outdir });

    await runEasel(argv.map((word) => (word === '2' ? '1' : word)));
    expect(readdirSync(join(outdir, 'samples')).sort()).toEqual(['00000.png', '00001.png', '00002.png']);
    expect(readdirSync(outdir).sort()).toEqual(['grid-0000.png', 'grid-0001.png', 'samples']);

    const inspected = await runEasel(['inspect', join(outdir, 'samples/00001.png')]);
    expect(inspected.out).toMatch(/prompt: a red apple/);
    expect(inspected.out).toMatch(/^runSeed: 42$/m);
    expect(inspected.out).toMatch(/batchPosition: 1/);
    expect(inspected.out).toMatch(/rng: CPU/);
  });

  test('in a pipe, a line for every tenth of the steps, and a run of one step has one', async () => {
    const outdir = join(folder, 'lines');
    const steps = async (count: string) => {
      const { err } = await runEasel([...small, '--n_iter', '2', '--ddim_steps', count, '--outdir', outdir]);
      return err.match(/^Iteration \d\/2, batch 1\/1: step \d+ of \d+/gm);
    };
    expect(await steps('1')).toEqual([1, 2].map((run) => `Iteration ${run}/2, batch 1/1: step 1 of 1`));
    expect((await steps('2'))!.map((line) => line.slice(-6))).toEqual(['1 of 2', '2 of 2', '1 of 2', '2 of 2']);
  });

  test('of a run with a variation seed, every picture has the seed, and the next number for its own', async () => {
    const outdir = join(folder, 'varied');
    const variation = ['--variation_seed', '7', '--variation_strength', '0.2', '--rng', 'cuda'];
    await runEasel([...small, ...variation, '--n_iter', '2', '--n_samples', '2', '--skip_grid', '--outdir', outdir]);
    for (const k of [0, 3]) {
      const { out } = await runEasel(['inspect', '--json', join(outdir, `samples/0000${k}.png`)]);
      const { runSeed, ...read } = JSON.parse(out).parameters;
      expect(read).toMatchObject({ seed: 42, variationSeed: 7 + k, variationStrength: 0.2, rng: 'GPU' });
      expect(runSeed).toBeUndefined();
    }
  });

  test('of a run, every picture says where in it; only the first has the seed to itself', async () => {
    const outdir = join(folder, 'run');
    await runEasel([...small, '--n_iter', '2', '--n_samples', '2', '--skip_grid', '--outdir', outdir]);
    const said = await Promise.all(
      ['00000', '00001', '00002', '00003'].map(async (name) => {
        const { out } = await runEasel(['inspect', '--json', join(outdir, `samples/${name}.png`)]);
        const { seed, runSeed, batchNumber, batchSize, batchPosition } = JSON.parse(out).parameters;
        return [seed, runSeed, batchNumber, batchSize, batchPosition];
      }),
    );
    expect(said).toEqual([
      [42, undefined, 0, 2, 0],
      [undefined, 42, 0, 2, 1],
      [undefined, 42, 1, 2, 0],
      [undefined, 42, 1, 2, 1],
    ]);

    const again = join(folder, 'again');
    await runEasel([...small, '--n_iter', '1', '--skip_grid', '--outdir', again]);
    const pixels = async (path: string) => (await read(join(path, 'samples/00000.png'))).data;
    const [first, alone] = [await pixels(outdir), await pixels(again)];
    expect(alone.every((value, k) => Math.abs(value - first[k]!) <= 1)).toBe(true);
  });

  test("a picture of a GPU's random numbers says so", async () => {
    const outdir = join(folder, 'gpu');
    await runEasel([...small, '--n_iter', '1', '--rng', 'cuda', '--skip_grid', '--outdir', outdir]);
    const { out } = await runEasel(['inspect', join(outdir, 'samples/00000.png')]);
    expect(out).toMatch(/rng: GPU/);
  });

  test('devices are listed, each with the reason why it cannot be used', async () => {
    const { code, out } = await runEasel(['devices']);
    expect(code).toBe(0);
    expect(out).toMatch(/^cpu: works/m);
    expect(out).toMatch(/^coreml: (works|not available: .+)/m);
    expect(out.match(/--device auto takes this one/g)).toHaveLength(1);
  });

  test('what goes with a checkpoint is inspected with what to do with it', async () => {
    const { out } = await runEasel(['inspect', LORA]);
    expect(out).toMatch(/^architecture: a LoRA;/m);
    expect(out).toMatch(/^what to do: Put it into models\/lora\/ .*--weighted\.$/m);
  });

  test('models lists a file in a folder, and says what is missing for checks; the checker itself is no model', async () => {
    const models = join(folder, 'owner/models');
    cpSync(NANO, join(models, 'further/down/nano.safetensors'));
    cpSync(join(packageRoot, 'test/fixtures/safety-always'), join(models, 'safety_checker'), { recursive: true });
    cpSync(NANO, join(models, 'nano.safetensors'));
    const cwd = process.cwd();
    process.chdir(join(folder, 'owner'));
    try {
      const { out } = await runEasel(['models']);
      expect(out).toMatch(
        /^further\/down\/nano\.safetensors\n.*complete, without a safety checker\n {2}paints from words, from a picture, and inside a mask; the prompt says what to see\n {2}Get it with: npx easel pull safety-checker$/m,
      );
      expect(out).toMatch(/^nano\.safetensors\n.*complete\n/m);
      expect(out).not.toMatch(/not recognised/);
    } finally {
      process.chdir(cwd);
    }
    const inspect = async (path: string) => (await runEasel(['inspect', join(models, path)])).out;
    expect(await inspect('further/down/nano.safetensors')).toMatch(
      /^safetyChecker: missing$[\s\S]*^what to do: Get it with: npx easel pull safety-checker$/m,
    );
    expect(await inspect('nano.safetensors')).toMatch(/^safetyChecker: present$/m);
    expect(await inspect('nano.safetensors')).not.toMatch(/what to do/);
    expect(await inspect('safety_checker/model.safetensors')).toMatch(/^architecture: a safety checker/m);
  });

  test('models are listed with format, size and precision, the incomplete ones too', async () => {
    const { code, out } = await runEasel(['models']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`${DEFAULT_MODEL}\\n.*diffusers.*F16.*MB, complete`));
  });
});

// On Linux there is a limit that any process may set itself.
test.runIf(process.platform === 'linux')(
  'a picture too large for the memory ends in one line, with the size that would go',
  async () => {
    const outdir = join(folder, 'too-large');
    const high = String(256 * embedded.downsampling);
    const run = ['txt2img', '--prompt', 'a red apple', '--W', '4096', '--H', high, '--outdir', outdir].join("' '");
    const command = `ulimit -v 6000000; exec '${process.execPath}' dist/src/cli/main.js '${run}'`;
    const { stderr } = await promisify(execFile)('sh', ['-c', command], { cwd: packageRoot }).catch((error) => error);
    expect(stderr).toMatch(
      new RegExp(
        `^easel: 4096x${high} takes \\d\\.\\d GB of memory, and .* are free: \\d+x\\d+ would go\\. .*--W and --H.*\\n$`,
      ),
    );
  },
);
