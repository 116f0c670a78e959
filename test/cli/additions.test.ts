import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import { writeSmallClip } from '../engine/interrogate/small-clip.js';
import { oracle } from '../oracle.js';
import { runEasel } from './run.js';

test("easel inspect says of AUTOMATIC1111's preview that it holds an embedding", async () => {
  const { code, out } = await runEasel(['inspect', 'test/fixtures/embeddings/preview.png']);
  expect([code, out]).toEqual([0, expect.stringContaining('a textual-inversion embedding "my-style". Pass it with')]);
});

test.each(['txt2img', 'img2img', 'inpaint', 'outpaint', 'vary', 'grid', 'upscale'])(
  'easel %s --help has a place for every option, and tells where the others are explained',
  async (name) => {
    const { code, out } = await runEasel([name, '--help']);
    expect(code).toBe(0);
    expect(out).not.toMatch(/^Options:/m);
    for (const option of ['--model', '--ckpt', '--threads', '--precision', '--json', '--help']) {
      expect(out).toMatch(new RegExp(`${option}\\b`));
    }
    expect(out).toContain(`Examples:\n  npx easel ${name} `);
    expect((await runEasel(['help', name])).out).toBe(out);
  },
);

test('easel models lists files whose extensions are in capitals, and LoRAs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'easel-models-'));
  try {
    mkdirSync(join(folder, 'models/lora'), { recursive: true });
    copyFileSync(oracle('ckpt/nano/nano-ema-only.safetensors'), join(folder, 'models/X.SAFETENSORS'));
    copyFileSync('test/fixtures/lora/lokr.safetensors', join(folder, 'models/lora/Y.SAFETENSORS'));
    const main = resolve('dist/src/cli/main.js');
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'models'], { cwd: folder });
    expect(stdout).toMatch(/^X\.SAFETENSORS\n.* complete, without a safety checker$/m);
    expect(stdout).toMatch(/^lora\/Y\.SAFETENSORS\n.* a LoRA; modules: 3; LoKr/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what is wrong with a prompt is told once, however many batches it has', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'easel-notices-'));
  try {
    const size = ['--W', '64', '--H', '64', '--ddim_steps', '1', '--n_samples', '1', '--outdir', outdir];
    const { err } = await runEasel(['txt2img', '--prompt', 'a boulevard', ...size, '--n_iter', '3']);
    expect(err.match(/boulevard/g)).toEqual(['boulevard']);
  } finally {
    rmSync(outdir, { recursive: true });
  }
});

test('easel txt2img --tiling paints a tile, and img2img --blend mixes pictures by their weights', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'easel-blend-'));
  try {
    const one = ['--n_samples', '1', '--n_iter', '1', '--skip_grid', '--ddim_steps', '2', '--outdir', outdir];
    const painted = (k: number) => join(outdir, `samples/0000${k}.png`);
    const size = ['--W', '64', '--H', '64'];
    expect(await runEasel(['txt2img', '--prompt', 'a fox', ...one, ...size, '--tiling'])).toMatchObject({ code: 0 });
    expect(await runEasel(['txt2img', '--prompt', 'a fox', ...one, ...size, '--tiling', 'x'])).toMatchObject({
      code: 0,
    });
    expect((await runEasel(['inspect', painted(0)])).out).toContain('tiling: True');
    expect((await runEasel(['inspect', painted(1)])).out).toContain('tiling: x');

    const from = ['img2img', '--prompt', 'a fox', ...one, '--init-img', painted(0)];
    const blend = [...from, '--blend', painted(1), '--blend', join(EMBEDDED_MODEL, 'samples.jpg')];
    expect(await runEasel([...blend, '--blend_weights', '2,1,1'])).toMatchObject({ code: 0 });
    expect((await runEasel(['inspect', painted(2)])).out).toContain('blend: 50% + 25% + 25%');
    expect((await runEasel([...blend, '--blend_weights', '2,1'])).err).toContain('2 numbers for 3 pictures');
    expect((await runEasel([...from, '--blend_weights', '2,1'])).err).toContain('give them with --blend');
    expect((await runEasel([...blend, '--mask', painted(0)])).err).toContain('exclude each other');
    expect((await runEasel([...from, '--tiling', 'z'])).code).toBe(2);
  } finally {
    rmSync(outdir, { recursive: true });
  }
});

test('easel interrogate finds words for a picture, and says where to get a CLIP', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'easel-clip-'));
  try {
    const picture = join(EMBEDDED_MODEL, 'samples.jpg');
    expect((await runEasel(['interrogate', picture])).err).toMatch(/^easel: There is no CLIP in .* easel pull clip\n$/);
    const clip = await writeSmallClip(join(folder, 'clip'), { words: true });
    const { code, out } = await runEasel(['interrogate', picture, '--clip', clip]);
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[0]).toMatch(/^an? [a-z -]+ of /);
    expect(lines[4]).toMatch(/^ {2}subject: .+ \(\d+%\), /);
    const json = JSON.parse((await runEasel(['interrogate', picture, '--clip', clip, '--json'])).out);
    expect(json).toMatchObject({ event: 'interrogation', prompts: lines.slice(0, 3) });
    const both = await runEasel(['interrogate', picture, 'test/fixtures/control/picture.png', '--clip', clip]);
    expect(both.out.split('\n').filter((line) => line.endsWith(':'))).toEqual([
      `${picture}:`,
      'test/fixtures/control/picture.png:',
    ]);
    expect((await runEasel(['interrogate', picture, '--clip', EMBEDDED_MODEL])).code).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
