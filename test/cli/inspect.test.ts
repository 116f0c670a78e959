import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { float32, takeApart, writeSafetensors } from '../engine/checkpoint/write-safetensors.js';
import { exifOf, gifWithComment, jpegOf, pngOf, unicode } from '../engine/image/picture-file.js';
import { oracle } from '../oracle.js';
import { runEasel } from './run.js';

const NANO = oracle('ckpt/nano/nano-ema-only.safetensors');
const FOLDER = 'test/fixtures/checkpoints';
const { files }: { files: { file: string; expect: string }[] } = JSON.parse(
  readFileSync(join(FOLDER, 'index.json'), 'utf8'),
);

describe('easel inspect', () => {
  test.each(files.filter((entry) => entry.expect.startsWith('reject') && !/or (load|ignore|swap)/.test(entry.expect)))(
    '$file ends in one line and exit code 1, an attack in 3',
    async ({ file }) => {
      const { code, out, err } = await runEasel(['inspect', join(FOLDER, file)]);
      const isAttack = file.startsWith('evil-legacy') || file.startsWith('evil-os-system');
      expect([code, out]).toEqual(isAttack ? [3, expect.stringMatching(/^names (os|posix)\.system: /)] : [1, '']);
      expect(err.trim().split('\n')).toEqual([expect.stringMatching(/^easel: test\/fixtures\/checkpoints\//)]);
    },
  );

  test('takes several, and the exit code is that of the worst', async () => {
    const both = [join(FOLDER, 'evil-legacy.ckpt'), 'test/fixtures/control/picture.png'];
    for (const files of [both, both.toReversed()]) {
      const { code, out } = await runEasel(['inspect', ...files]);
      expect([code, out]).toEqual([3, expect.stringMatching(/^names (os|posix)\.system: /m)]);
      expect(out).toMatch(/^test\/fixtures\/control\/picture\.png: \d+x\d+ pixels$/m);
    }
  });

  test('tells what a checkpoint holds', async () => {
    const { code, out } = await runEasel(['inspect', oracle('ckpt/nano/nano-full-ema-fp16.ckpt')]);
    expect(code).toBe(0);
    for (const line of [
      'format: CompVis layout, PyTorch checkpoint (zip)',
      'ema: both: trained (used unless use_ema is set) and EMA weights',
      'bytes: 3199383',
      'missing: none',
      'hash: 0f591ee098',
    ]) {
      expect(out).toContain(line);
    }
  });

  test('shows nothing that a terminal would act on, whatever a file calls its tensors and however long', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'easel-inspect-'));
    try {
      const control = '\u001b]0;pwned\u0007\u009b2J\u001b[31m';
      const hostile = join(folder, 'hostile.safetensors');
      const name = `${control}.${'x'.repeat(5000)}`;
      await writeSafetensors(hostile, new Map([...(await takeApart(NANO)), [name, float32([1], [0])]]));
      const inspected = await runEasel(['inspect', hostile]);
      expect(inspected.out).toContain('unexpected: \ufffd]0;pwned');
      expect(inspected.out.length).toBeLessThan(2000);
      const broken = join(folder, 'broken.safetensors');
      await writeSafetensors(broken, new Map([[control, { dtype: control, shape: [2], bytes: new Uint8Array(8) }]]));
      const refused = await runEasel(['inspect', broken]);
      expect(refused.code).toBe(1);
      for (const text of [inspected.out, refused.err]) expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('tells it to machines as one line of JSON', async () => {
    const { out } = await runEasel(['inspect', '--json', oracle('ckpt/nano/nano-ema-only.safetensors')]);
    expect(JSON.parse(out)).toMatchObject({
      event: 'checkpoint',
      missing: [],
      hash: expect.stringMatching(/^[0-9a-f]{10}$/),
    });
  });
});

describe('easel inspect of a picture', () => {
  const folder = mkdtempSync(join(tmpdir(), 'easel-inspect-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const inspect = (name: string, bytes: Uint8Array, ...options: string[]) => {
    writeFileSync(join(folder, name), bytes);
    return runEasel(['inspect', ...options, join(folder, name)]);
  };

  const text =
    'a fox\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 18446744073709551615, Size: 64x64, Hires upscale: 2';
  const jpeg = () => jpegOf(exifOf({ comment: unicode(text) }));
  test.each<[string, () => Promise<Buffer>]>([
    ['fox.png', () => pngOf({ parameters: text })],
    ['fox.jpg', jpeg],
    ['fox.jfif', jpeg],
    ['FOX.JPE', jpeg],
    [
      'fox.webp',
      async () =>
        sharp(await jpeg())
          .keepExif()
          .webp()
          .toBuffer(),
    ],
    [
      'fox.avif',
      async () =>
        sharp(await jpeg())
          .keepExif()
          .avif()
          .toBuffer(),
    ],
    ['fox.gif', () => gifWithComment(text)],
  ])('%s tells what is in it', async (name, file) => {
    const { code, out, err } = await inspect(name, await file());
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('64x64 pixels');
    for (const line of ['prompt: a fox', 'seed: 18446744073709551615', 'Hires upscale: 2']) expect(out).toContain(line);
  });

  test.each(['fox.tif', 'fox.tiff'])('%s opens, and says nothing where nothing is in it', async (name) => {
    const { code, out } = await inspect(
      name,
      await sharp(await jpeg())
        .tiff()
        .toBuffer(),
    );
    expect([code, out]).toEqual([0, expect.stringContaining('does not say how it was made')]);
  });

  test('of a program that it cannot read says that, and shows nothing', async () => {
    const { out } = await inspect('comfy.png', await pngOf({ prompt: '{"1": {"class_type": "X", "inputs": {}}}' }));
    expect(out).toMatch(/\nIt was made with ComfyUI, and what that program stored in it cannot be read\.\n$/);
  });

  test('a seed keeps its digits for machines, too', async () => {
    const { out } = await inspect('fox.png', await pngOf({ parameters: text }), '--json');
    expect(JSON.parse(out).parameters.seed).toBe('18446744073709551615');
  });

  test('nothing in it steers the terminal', async () => {
    const { out } = await inspect('esc.png', await pngOf({ parameters: `a \x1b[2J\x07fox\u009b` }));
    expect(out).toContain('prompt: a \ufffd[2J\ufffdfox');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
    expect(out).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });
});
