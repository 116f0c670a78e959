import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labelledGrid } from '../../src/bot/layout/labelled-grid.js';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import { grid } from '../../src/engine/image/grid.js';
import { readMetadata } from '../../src/engine/image/metadata.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';
import { STEP } from '../embedded.js';
import { read } from './pictures.js';
import { runEasel } from './run.js';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-grid-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const small = ['--W', `${2 * STEP}`, '--H', `${STEP}`];
const easelGrid = (...argv: string[]) => runEasel(['grid', '--outdir', at('out'), ...argv]);

describe('easel grid paints what the library paints, and writes beside it what differs', () => {
  const compare = async (outdir: string, ...argv: string[]) => {
    const { code, err } = await easelGrid('--prompt', 'a red fox', ...small, '--outdir', at(outdir), ...argv);
    expect(err).not.toMatch(/^easel:/m);
    expect(code).toBe(0);
    const samples = readdirSync(join(at(outdir), 'samples')).sort();
    return {
      cells: await Promise.all(samples.map((name) => read(join(at(outdir), 'samples', name)))),
      whole: await read(join(at(outdir), 'grid-0000.png')),
      parameters: await readMetadata(readFileSync(join(at(outdir), 'grid-0000.png'))),
    };
  };

  test('in columns and rows', async () => {
    await using sd = await StableDiffusion.open(EMBEDDED_MODEL);
    const { cells, whole, parameters } = await compare('two', '--x', 'steps=1,2', '--y', 'scale=3, 7.5', '--seed', '5');
    const wanted = [];
    for (const scale of [3, 7.5]) {
      for (const steps of [1, 2]) {
        const size = { width: 2 * STEP, height: STEP };
        wanted.push(...(await sd.txt2img({ prompt: 'a red fox', ...size, steps, scale, seed: 5, syntax: 'plain' })));
      }
    }
    const pictures = wanted.map(({ pixels }) => pixels);
    expect(cells).toEqual(pictures);
    expect(whole).toEqual(await labelledGrid(pictures, ['steps 1', 'steps 2'], ['scale 3', 'scale 7.5']));
    expect(parameters).toMatchObject({ prompt: 'a red fox', steps: 1, scale: 3, seed: 5 });
  });

  test('in one row, of words, each as txt2img paints them', async () => {
    const { cells, whole } = await compare('words', '--x', 'words=red,blue', '--ddim_steps', '2');
    for (const [k, prompt] of ['a red fox', 'a blue fox'].entries()) {
      const how = ['--ddim_steps', '2', '--n_samples', '1', '--n_iter', '1', '--skip_grid'];
      await runEasel(['txt2img', '--prompt', prompt, ...how, ...small, '--outdir', at('alone')]);
      expect(cells[k]).toEqual(await read(join(at('alone'), `samples/0000${k}.png`)));
    }
    expect(whole).toEqual(await labelledGrid(cells, ['red', 'blue'], []));
  });

  test('of samplers and seeds, by any of their names', async () => {
    const { cells, parameters } = await compare(
      'more',
      '--x',
      'seeds=7,8',
      '--y',
      'sampler=Euler a,ddim',
      '--ddim_steps=2',
    );
    expect(cells).toHaveLength(4);
    expect(parameters).toMatchObject({ seed: 7, sampler: 'Euler a' });
  });
});

test('pictures that are there stand in rows as the scripts lay them out, each in its own size', async () => {
  mkdirSync(at('in'));
  const colours = ['#f00', '#0f0', '#00f'];
  for (const [k, background] of colours.entries()) {
    const size = { width: 20 + 10 * k, height: 20, channels: 3 } as const;
    await sharp({ create: { ...size, background } })
      .png()
      .toFile(at(`in/${k}.png`));
  }
  const { code, out } = await easelGrid(at('in'), at('in/0.png'), '--outdir', at('files'));
  expect([code, out]).toEqual([0, `4 pictures, 86x46: ${join(at('files'), 'grid-0000.png')}\n`]);
  expect(readdirSync(at('files'))).toEqual(['grid-0000.png']);
  const whole = await read(join(at('files'), 'grid-0000.png'));
  const at2 = (x: number, y: number) => [...whole.data.slice(3 * (y * whole.width + x), 3 * (y * whole.width + x) + 3)];
  expect([at2(12, 10), at2(5, 10), at2(60, 10), at2(20, 30)]).toEqual([
    [255, 0, 0],
    [0, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
  ]);
  const same = [at('in/0.png'), at('in/0.png'), at('in/0.png')];
  await easelGrid(...same, '--n_rows', '3', '--outdir', at('files'));
  const cell = await read(at('in/0.png'));
  expect(await read(join(at('files'), 'grid-0001.png'))).toEqual(grid([cell, cell, cell], 3));
});

test('files have their names below them, or what is typed, on a strip of paper of its own', async () => {
  await easelGrid(at('in/0.png'), at('in/2.png'), '--labels', 'before,after & later', '--outdir', at('labels'));
  await easelGrid(at('in'), '--labels', 'names', '--outdir', at('labels'));
  const [typed, named] = [
    await read(join(at('labels'), 'grid-0000.png')),
    await read(join(at('labels'), 'grid-0001.png')),
  ];
  for (const { width, height, data } of [typed, named]) {
    expect(height).toBeGreaterThan(46);
    const strip = data.subarray(3 * width * 24, 3 * width * Math.min(height - 2, 40));
    expect(strip.some((value) => value < 60) && strip.some((value) => value > 250)).toBe(true);
  }
  const { code, err } = await easelGrid(at('in'), '--labels', 'one,two');
  expect([code, err]).toEqual([1, expect.stringMatching(/--labels has 2 texts for 3 pictures/)]);
});

test.each<[string, string[], number, RegExp]>([
  ['labels of what is painted', ['--prompt', 'a', '--x', 'steps=1,2', '--labels', 'a,b'], 1, /--labels is for files/],
  ['nothing', [], 1, /Name the pictures to put together, or what to compare/],
  ['a picture that is not there', ['nowhere.png'], 1, /no picture at nowhere\.png/],
  ['no prompt', ['--x', 'steps=1,2'], 1, /Say what to paint/],
  ['a prompt with nothing that differs', ['--prompt', 'a fox'], 1, /--prompt is for painting a grid.*--x steps=10,20/],
  ['files and a comparison', ['a.png', '--x', 'steps=1,2'], 1, /leave the files out, or --x/],
  ['the same twice', ['--prompt', 'a', '--x', 'steps=1,2', '--y', 'ddim_steps=3,4'], 1, /both vary ddim_steps/],
  ['what is typed as well', ['--prompt', 'a', '--x', 'seed=1,2', '--seed', '3'], 1, /--seed is what the grid varies/],
  ['words that are not in the prompt', ['--prompt', 'a', '--x', 'words=red,blue'], 1, /"red" is not in the prompt/],
  [
    'a value out of range',
    ['--prompt', 'a', '--x', 'steps=10,2000'],
    1,
    /--ddim_steps must be from 1 to 1000, got 2000/,
  ],
  ['a setting that is none', ['--x', 'colour=1,2'], 2, /NAME=VALUE,VALUE such as steps=10,20.*words/],
  ['one value', ['--x', 'steps=10'], 2, /at least two values for steps/],
  ['a value that is no number', ['--x', 'scale=1,two'], 2, /must be a number/],
])('%s is refused in words, before a model is opened', async (_, argv, exit, message) => {
  const model = argv.includes('--x') ? ['--vae', at('nowhere')] : [];
  const { code, err } = await easelGrid(...model, ...argv);
  expect([code, err]).toEqual([exit, expect.stringMatching(message)]);
});
