import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { STEP } from '../embedded.js';
import { runEasel } from './run.js';

test('easel outpaint extends and zooms out, and img2img paints only the masked part of a picture of any size', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'easel-outpaint-'));
  try {
    const grey = { create: { width: 70, height: 50, channels: 3, background: '#456789' } } as const;
    const photo = join(outdir, 'photo.png');
    await sharp(grey).png().toFile(photo);
    const dot = {
      input: { create: { width: 9, height: 9, channels: 3, background: '#fff' } },
      left: 50,
      top: 10,
    } as const;
    const mask = join(outdir, 'mask.png');
    const black = { create: { ...grey.create, background: '#000' } };
    await sharp(black).composite([dot]).png().toFile(mask);

    const one = ['--prompt', 'a fox', '--n_samples', '1', '--skip_grid', '--ddim_steps', '2', '--outdir', outdir];
    const outpaint = ['outpaint', ...one, '--init-img', photo];
    const painted = (k: number) => join(outdir, `samples/0000${k}.png`);
    const sizeOf = async (k: number) => {
      const { width, height } = await sharp(painted(k)).metadata();
      return [width, height];
    };
    const [wide, high] = [90, 60].map((side) => Math.ceil(side / STEP) * STEP) as [number, number];
    expect(await runEasel([...outpaint, '--right', '20', '--top', '10'])).toMatchObject({ code: 0 });
    expect(await sizeOf(0)).toEqual([wide, high]);
    expect((await runEasel(['inspect', painted(0)])).out).toContain(`outpaint: right ${wide - 70}, top ${high - 50}`);
    expect(await runEasel([...outpaint, '--zoom', '2'])).toMatchObject({ code: 0 });
    expect(await sizeOf(1)).toEqual([64, Math.max(32, STEP)]);
    const inpaint = ['img2img', ...one, '--init-img', photo, '--mask', mask, '--inpaint_full_res'];
    expect(await runEasel([...inpaint, '--inpaint_full_res_padding', '4'])).toMatchObject({ code: 0 });
    expect(await sizeOf(2)).toEqual([70, 50]);
    const kept = await sharp(painted(2)).extract({ left: 0, top: 0, width: 50, height: 50 }).raw().toBuffer();
    expect(
      kept.equals(
        await sharp({ create: { ...grey.create, width: 50 } })
          .raw()
          .toBuffer(),
      ),
    ).toBe(true);

    expect((await runEasel(outpaint)).err).toContain('Say where to paint');
    expect((await runEasel([...outpaint, '--zoom', '2', '--left', '9'])).err).toContain('--zoom and --left exclude');
    expect((await runEasel([...outpaint, '--left', '9999'])).err).toContain(
      '--left must be from -4096 to 4096, got 9999',
    );
    expect((await runEasel([...outpaint, '--zoom', '9'])).err).toContain('--zoom must be from 1.1 to 4');
    expect((await runEasel(inpaint.filter((word) => word !== '--mask' && word !== mask))).err).toContain('give a mask');
  } finally {
    rmSync(outdir, { recursive: true });
  }
});
